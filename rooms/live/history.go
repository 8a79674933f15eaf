package live

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"antenne/rooms"
)

// Line is one act of a room's history, in French, for a person to read.
type Line struct {
	At   time.Time
	Text string // who: what; with the text of a question unless it was erased
}

// History reads what happened up to now, from the journal. It yields an error once, last.
func (k *Keeper) History(ctx context.Context) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		head, err := k.hall.journal.Head(ctx, k.stream)
		if err != nil {
			yield(Line{}, err)
			return
		}
		if head == 0 {
			return
		}
		teller := newStoryteller()
		for e, err := range k.hall.journal.Follow(ctx, k.stream, 0) {
			var events []rooms.Event
			if err == nil {
				events, err = rooms.DecodeEvents(e.Meta, fromJournal(e.Private))
			}
			if err != nil {
				yield(Line{}, fmt.Errorf("history of room %s: %w", k.id, err))
				return
			}
			for _, ev := range events {
				if !yield(Line{At: ev.When(), Text: teller.tell(ev)}, nil) {
					return
				}
			}
			if e.Seq >= head {
				return
			}
		}
		if ctx.Err() != nil {
			yield(Line{}, ctx.Err())
		}
	}
}

// storyteller knows the names met so far: of places, and whom links were given to, unless that was erased.
type storyteller struct {
	names  map[rooms.SiteID]string
	people map[rooms.LinkID]string
	hands  map[rooms.LinkID]rooms.By // who a link's holder is
	codes  map[rooms.SiteID]bool     // whose posts have a code
}

func newStoryteller() storyteller {
	return storyteller{names: map[rooms.SiteID]string{}, people: map[rooms.LinkID]string{}, hands: map[rooms.LinkID]rooms.By{},
		codes: map[rooms.SiteID]bool{}}
}

func (s storyteller) tell(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.SiteAdded:
		s.names[e.Site] = e.Name
	case rooms.LinkIssued:
		s.people[e.Link] = e.Note
		s.hands[e.Link] = rooms.By{Role: e.Role, Site: e.Site, Link: e.Link}
	}
	return s.who(ev.Who()) + " : " + s.what(ev)
}

var roleNames = map[rooms.Role]string{
	rooms.System: "Antenne", rooms.Mediator: "médiation", rooms.Moderator: "la régie", rooms.Animator: "animation",
	rooms.Screen: "écran", rooms.Post: "poste", rooms.Viewer: "à la maison", rooms.Coordinator: "coordination",
	rooms.Guest: "l’invité·e", rooms.Phone: "téléphone de la médiation", rooms.Captioner: "sous-titrage",
}

// who names who did it. What the house did for somebody who asked is theirs.
func (s storyteller) who(by rooms.By) string {
	if hand, known := s.hands[by.Link]; known && by.Role == rooms.System {
		by = hand
	}
	name := roleNames[by.Role]
	if name == "" {
		name = string(by.Role)
	}
	var more []string
	if by.Site != "" {
		more = append(more, s.site(by.Site))
	}
	if person := s.people[by.Link]; person != "" {
		more = append(more, person)
	}
	if len(more) == 0 {
		return name
	}
	return name + " (" + strings.Join(more, ", ") + ")"
}

func (s storyteller) site(id rooms.SiteID) string {
	if n := s.names[id]; n != "" {
		return n
	}
	return string(id)
}

func (s storyteller) what(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.RoomCreated:
		return fmt.Sprintf("séance créée : « %s », prévue le %s", e.Title, e.StartsAt.Local().Format("02/01/2006 à 15:04"))
	case rooms.SiteAdded:
		return "centre ajouté : " + nameAndTown(e.Name, e.Town)
	case rooms.LinkIssued:
		return s.linkIssued(e)
	case rooms.LinkRevoked:
		return "lien " + string(e.Link) + " révoqué"
	case rooms.LinkNoteErased:
		return "lien " + string(e.Link) + " : nom effacé"
	case rooms.StateChanged:
		return stateLine(e)
	case rooms.SourceStarted:
		return "arrivée de " + slotNames(e.Slots)
	case rooms.SourceStopped:
		return "départ de " + slotNames(e.Slots)
	case rooms.AirTaken:
		return "l’antenne passe sur un autre appareil"
	}
	for _, tell := range []func(rooms.Event) string{s.question, s.place, s.exercise, s.studio, s.floor} {
		if line := tell(ev); line != "" {
			return line
		}
	}
	return ev.Kind()
}

func stateLine(e rooms.StateChanged) string {
	if e.To == rooms.Paused && e.Slate == rooms.SlateIncident {
		return "pause, carton « incident »"
	}
	return stateLines[e.To]
}

var stateLines = map[rooms.State]string{
	rooms.Scheduled: "séance au programme", rooms.DoorsOpen: "ouverture des portes", rooms.OnAir: "à l’antenne",
	rooms.Paused: "pause", rooms.Ended: "fin de la séance",
}

func (s storyteller) linkIssued(e rooms.LinkIssued) string {
	name := roleNames[e.Role]
	if e.Site != "" {
		name += " (" + s.site(e.Site) + ")"
	}
	return fmt.Sprintf("lien %s donné : %s, jusqu’au %s", e.Link, name, e.Expires.Local().Format("02/01/2006 15:04"))
}

func (s storyteller) question(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.QuestionAsked:
		if e.Wordless {
			return number(e.Question) + " posée sans texte"
		}
		return number(e.Question) + " posée" + said(e.Text, e.Erased)
	case rooms.QuestionRelayed:
		return number(e.Question) + " envoyée à la régie" + whyLines[e.Why]
	case rooms.QuestionRephrased:
		return number(e.Question) + " reformulée" + said(e.Text, e.Erased)
	case rooms.QuestionWithdrawn:
		return number(e.Question) + " retirée"
	case rooms.QuestionApproved:
		return number(e.Question) + " retenue"
	case rooms.QuestionTaken:
		return number(e.Question) + " à l’antenne"
	case rooms.QuestionAnswered:
		if e.Written && e.ToAll {
			return number(e.Question) + " répondue par écrit à toutes les salles" + said(e.Text, e.Erased)
		}
		if e.Written {
			return number(e.Question) + " répondue par écrit" + said(e.Text, e.Erased)
		}
		return number(e.Question) + " répondue"
	case rooms.QuestionPostponed:
		return number(e.Question) + " : réponse après la séance"
	case rooms.QuestionDeclined:
		return number(e.Question) + " non retenue (" + reasonName(e.Reason) + ")"
	case rooms.QuestionMerged:
		return number(e.Question) + " jointe à la " + number(e.Into)
	case rooms.QuestionReopened:
		return number(e.Question) + " reprise"
	case rooms.QuestionErased:
		return number(e.Question) + " : texte effacé"
	}
	return ""
}

var whyLines = map[rooms.Why]string{
	rooms.NoDesk: " (personne à l’animation)", rooms.NoSite: " (sans centre)", rooms.Waited: " (après trois minutes d’attente)",
}

var reasonNames = map[rooms.Reason]string{
	"already-answered": "déjà répondue", "no-time": "pas le temps", "off-topic": "autre sujet",
	"personal": "personnelle", "unclear": "pas claire", "unsuitable": "ne convient pas",
}

func reasonName(r rooms.Reason) string {
	if n := reasonNames[r]; n != "" {
		return n
	}
	return string(r)
}

// number is how a person tells questions apart: the beginning of the id.
func number(id rooms.QuestionID) string {
	short, _, _ := strings.Cut(string(id), "-")
	return "question " + short
}

func said(text string, erased bool) string {
	if erased {
		return " (texte effacé)"
	}
	return " : « " + text + " »"
}

func nameAndTown(name, town string) string {
	if town == "" {
		return name
	}
	return name + " (" + town + ")"
}

var slotWords = map[string]string{"voice": "la voix", "camera": "la caméra", "slides": "l’écran partagé"}

func slotNames(slots []string) string {
	var names []string
	for _, s := range slots {
		if w := slotWords[s]; w != "" {
			s = w
		}
		names = append(names, s)
	}
	return strings.Join(names, ", ")
}
