package rooms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Private is what the events of one decision say of one question in somebody's own words, or of whom one link was given to.
// It is kept apart so that it can be erased while the rest stays.
type Private struct {
	ID   string // the question's, or a part's prefix and a name
	Text string // the texts by place and field, in JSON; opaque to the journal
}

const notePrefix = "link/"

func noteID(id LinkID) string { return notePrefix + string(id) }

// keeperOf finds the part that wrote under a Private's ID, and the name after its prefix; nil for a question's.
func keeperOf(id string) (*keeping, string) {
	for _, p := range parts {
		if p.private != nil {
			if name, ok := strings.CutPrefix(id, p.private.prefix); ok {
				return p.private, name
			}
		}
	}
	return nil, ""
}

// Erasure is the command by which a room forgets what is kept under a Private's ID.
func Erasure(id string) Command {
	if k, name := keeperOf(id); k != nil {
		return k.erasure(name)
	}
	return EraseQuestion{Question: QuestionID(id)}
}

// Forgotten tells whether a room has nothing left of what is kept under a Private's ID.
func (r *Room) Forgotten(id string) bool {
	if k, name := keeperOf(id); k != nil {
		return k.forgotten(r, name)
	}
	q := r.questions[QuestionID(id)]
	return q == nil || q.erased
}

// record is one event in the log.
type record struct {
	Kind  string          `json:"kind"`
	Event json.RawMessage `json:"event"`
}

// EncodeEvents writes the events of one decision for the log: meta to keep, private to keep apart, at most one per
// question, link…
func EncodeEvents(events []Event) (meta []byte, private []Private, err error) {
	records := make([]record, len(events))
	var secrets secrets
	for i, e := range events {
		raw, err := json.Marshal(e)
		if err != nil {
			return nil, nil, fmt.Errorf("rooms: encode %s: %w", e.Kind(), err)
		}
		records[i] = record{Kind: e.Kind(), Event: raw}
		secrets.hide(i, e)
	}
	if meta, err = json.Marshal(records); err != nil {
		return nil, nil, fmt.Errorf("rooms: encode: %w", err)
	}
	if private, err = secrets.encode(); err != nil {
		return nil, nil, err
	}
	return meta, private, nil
}

// DecodeEvents reads back what EncodeEvents wrote. A private text that is missing was erased: its event says so.
// Anything unknown is an error: it comes from a newer version, or from nowhere.
func DecodeEvents(meta []byte, private []Private) ([]Event, error) {
	var records []record
	if err := strict(meta, &records); err != nil {
		return nil, fmt.Errorf("rooms: decode: %w", err)
	}
	secrets, err := decodeSecrets(private)
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(records))
	for i, rec := range records {
		decode, ok := decoders[rec.Kind]
		if !ok {
			return nil, fmt.Errorf("rooms: decode: unknown kind of event %q", rec.Kind)
		}
		e, err := decode(rec.Event)
		if err != nil {
			return nil, fmt.Errorf("rooms: decode %s: %w", rec.Kind, err)
		}
		events[i] = secrets.reveal(i, e)
	}
	return events, nil
}

// Kinds lists every kind of event, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(decoders)) }

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() || d.InputOffset() != int64(len(bytes.TrimRight(raw, " \t\r\n"))) {
		return fmt.Errorf("something follows the end")
	}
	return nil
}

// kind is how one kind of event is read from the log.
type kind struct {
	name   string
	decode func([]byte) (Event, error)
}

func kindOf[E Event]() kind {
	var zero E
	return kind{zero.Kind(), func(raw []byte) (Event, error) {
		var e E
		err := strict(raw, &e)
		return e, err
	}}
}

// decodeIssued also reads the first logs, which kept the note with the rest.
func decodeIssued(raw []byte) (Event, error) {
	var e struct {
		LinkIssued
		Note string `json:"note"`
	}
	err := strict(raw, &e)
	e.LinkIssued.Note = e.Note
	return e.LinkIssued, err
}

// secrets are the personal texts of one decision: the Private's ID, then "place/field", then text.
type secrets map[string]map[string]string

func (s *secrets) put(id string, place int, field, text string) {
	if *s == nil {
		*s = secrets{}
	}
	if (*s)[id] == nil {
		(*s)[id] = map[string]string{}
	}
	(*s)[id][strconv.Itoa(place)+"/"+field] = text
}

func (s secrets) get(id string, place int, field string) (text string, ok bool) {
	text, ok = s[id][strconv.Itoa(place)+"/"+field]
	return text, ok
}

// personal is an event that says something in somebody's own words, which travel apart from the rest.
type personal interface {
	Event
	hide(s *secrets, place int)        // puts the words away; they are not in the event's JSON
	reveal(s secrets, place int) Event // the event with its words again, or saying that they were erased
}

func (s *secrets) hide(place int, e Event) {
	if e, ok := e.(personal); ok {
		e.hide(s, place)
	}
}

func (s secrets) reveal(place int, e Event) Event {
	if e, ok := e.(personal); ok {
		return e.reveal(s, place)
	}
	return e
}

func (e LinkIssued) hide(s *secrets, place int) {
	if e.Note != "" {
		s.put(noteID(e.Link), place, "note", e.Note)
	}
}

func (e LinkIssued) reveal(s secrets, place int) Event {
	if note, ok := s.get(noteID(e.Link), place, "note"); ok {
		e.Note = note
	}
	return e
}

func (e QuestionAsked) hide(s *secrets, place int) {
	if e.Erased {
		return
	}
	if !e.Wordless {
		s.put(string(e.Question), place, "text", e.Text)
	}
	if e.Label != "" {
		s.put(string(e.Question), place, "label", e.Label)
	}
}

func (e QuestionAsked) reveal(s secrets, place int) Event {
	var ok bool
	e.Text, ok = s.get(string(e.Question), place, "text")
	e.Label, _ = s.get(string(e.Question), place, "label")
	e.Erased = !ok && !e.Wordless
	return e
}

func (e QuestionRephrased) hide(s *secrets, place int) {
	if !e.Erased {
		s.put(string(e.Question), place, "text", e.Text)
	}
}

func (e QuestionRephrased) reveal(s secrets, place int) Event {
	var ok bool
	e.Text, ok = s.get(string(e.Question), place, "text")
	e.Erased = !ok
	return e
}

func (e QuestionAnswered) hide(s *secrets, place int) {
	if e.Written && !e.Erased {
		s.put(string(e.Question), place, "text", e.Text)
	}
}

func (e QuestionAnswered) reveal(s secrets, place int) Event {
	if e.Written {
		var ok bool
		e.Text, ok = s.get(string(e.Question), place, "text")
		e.Erased = !ok
	}
	return e
}

func (s secrets) encode() ([]Private, error) {
	var private []Private
	for id, texts := range s {
		raw, err := json.Marshal(texts)
		if err != nil {
			return nil, fmt.Errorf("rooms: encode private texts: %w", err)
		}
		private = append(private, Private{ID: id, Text: string(raw)})
	}
	slices.SortFunc(private, func(a, b Private) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return private, nil
}

func decodeSecrets(private []Private) (secrets, error) {
	s := secrets{}
	for _, p := range private {
		var texts map[string]string
		if err := json.Unmarshal([]byte(p.Text), &texts); err != nil {
			return nil, fmt.Errorf("rooms: decode private texts: %w", err)
		}
		s[p.ID] = texts
	}
	return s, nil
}
