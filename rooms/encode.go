package rooms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Private is what the events of one decision say of one question in somebody's own words, or of whom one link was given to.
// It is kept apart so that it can be erased while the rest stays.
type Private struct {
	ID   string // the question's, or notePrefix and the link's
	Text string // the texts by place and field, in JSON; opaque to the journal
}

const notePrefix = "link/"

func noteID(id LinkID) string { return notePrefix + string(id) }

// Erasure is the command by which a room forgets what is kept under a Private's ID.
func Erasure(id string) Command {
	if link, ok := strings.CutPrefix(id, notePrefix); ok {
		return EraseNote{Link: LinkID(link)}
	}
	return EraseQuestion{Question: QuestionID(id)}
}

// Forgotten tells whether a room has nothing left of what is kept under a Private's ID.
func (r *Room) Forgotten(id string) bool {
	if link, ok := strings.CutPrefix(id, notePrefix); ok {
		l, _ := r.Link(LinkID(link))
		return l.Note == ""
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
// question or link.
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

// decoders reads each kind of event.
var decoders = map[string]func([]byte) (Event, error){}

func init() {
	known[RoomCreated]()
	known[SiteAdded]()
	known[LinkIssued]()
	decoders[LinkIssued{}.Kind()] = decodeIssued
	known[LinkRevoked]()
	known[LinkNoteErased]()
	known[StateChanged]()
	known[SourceStarted]()
	known[SourceStopped]()
	known[AirTaken]()
	known[QuestionAsked]()
	known[QuestionRelayed]()
	known[QuestionRephrased]()
	known[QuestionWithdrawn]()
	known[QuestionApproved]()
	known[QuestionTaken]()
	known[QuestionAnswered]()
	known[QuestionPostponed]()
	known[QuestionDeclined]()
	known[QuestionMerged]()
	known[QuestionReopened]()
	known[QuestionErased]()
}

func known[E Event]() {
	var zero E
	decoders[zero.Kind()] = func(raw []byte) (Event, error) {
		var e E
		err := strict(raw, &e)
		return e, err
	}
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

func (s *secrets) hide(place int, e Event) {
	switch e := e.(type) {
	case LinkIssued:
		if e.Note != "" {
			s.put(noteID(e.Link), place, "note", e.Note)
		}
	case QuestionAsked:
		if e.Erased {
			return
		}
		s.put(string(e.Question), place, "text", e.Text)
		if e.Label != "" {
			s.put(string(e.Question), place, "label", e.Label)
		}
	case QuestionRephrased:
		if !e.Erased {
			s.put(string(e.Question), place, "text", e.Text)
		}
	case QuestionAnswered:
		if e.Written && !e.Erased {
			s.put(string(e.Question), place, "text", e.Text)
		}
	}
}

func (s secrets) reveal(place int, e Event) Event {
	var ok bool
	switch e := e.(type) {
	case LinkIssued:
		if note, ok := s.get(noteID(e.Link), place, "note"); ok {
			e.Note = note
		}
		return e
	case QuestionAsked:
		e.Text, ok = s.get(string(e.Question), place, "text")
		e.Label, _ = s.get(string(e.Question), place, "label")
		e.Erased = !ok
		return e
	case QuestionRephrased:
		e.Text, ok = s.get(string(e.Question), place, "text")
		e.Erased = !ok
		return e
	case QuestionAnswered:
		if e.Written {
			e.Text, ok = s.get(string(e.Question), place, "text")
			e.Erased = !ok
		}
		return e
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
