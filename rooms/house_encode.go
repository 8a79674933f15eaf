package rooms

import (
	"encoding/json"
	"fmt"
)

// houseDecoders reads each kind of event of the house. They are not among a room's: an entry in the wrong log is an error.
var houseDecoders = map[string]func([]byte) (Event, error){
	DevicePaired{}.Kind():    decodeHouse[DevicePaired],
	DeviceUsed{}.Kind():      decodeHouse[DeviceUsed],
	DeviceForgotten{}.Kind(): decodeHouse[DeviceForgotten],
}

func decodeHouse[E Event](raw []byte) (Event, error) {
	var e E
	err := strict(raw, &e)
	return e, err
}

// EncodeHouse writes the events of one decision of the house for its log. There is nothing personal in them.
func EncodeHouse(events []Event) ([]byte, error) {
	records := make([]record, len(events))
	for i, e := range events {
		if _, ours := houseDecoders[e.Kind()]; !ours {
			return nil, fmt.Errorf("rooms: encode: %s is no event of the house", e.Kind())
		}
		raw, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("rooms: encode %s: %w", e.Kind(), err)
		}
		records[i] = record{Kind: e.Kind(), Event: raw}
	}
	return json.Marshal(records)
}

// DecodeHouse reads back what EncodeHouse wrote. Anything unknown is an error: it comes from a newer version, or from nowhere.
func DecodeHouse(meta []byte) ([]Event, error) {
	var records []record
	if err := strict(meta, &records); err != nil {
		return nil, fmt.Errorf("rooms: decode: %w", err)
	}
	events := make([]Event, len(records))
	for i, rec := range records {
		decode, known := houseDecoders[rec.Kind]
		if !known {
			return nil, fmt.Errorf("rooms: decode: unknown kind of event %q", rec.Kind)
		}
		e, err := decode(rec.Event)
		if err != nil {
			return nil, fmt.Errorf("rooms: decode %s: %w", rec.Kind, err)
		}
		events[i] = e
	}
	return events, nil
}
