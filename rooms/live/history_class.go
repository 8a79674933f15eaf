package live

import (
	"fmt"
	"strings"

	"antenne/rooms"
)

// This file tells the life of the class: what sites say of themselves, the exercise, what surrounds the picture, the floor.

var (
	paceLines    = map[rooms.Pace]string{rooms.Following: "on suit", rooms.Slower: "plus lentement", rooms.Stuck: "on est bloqués"}
	troubleLines = map[rooms.Trouble]string{rooms.NoTrouble: "plus de problème", rooms.NoSound: "pas de son", rooms.NoPicture: "pas d’image"}
	factLines    = map[rooms.Fact]string{rooms.FactCame: "la salle est venue", rooms.FactScreen: "l’écran est prêt", rooms.FactSound: "le son est vérifié"}
	reportLines  = map[rooms.Report]string{rooms.ReportDone: "exercice fini", rooms.ReportMore: "encore deux minutes", rooms.ReportNone: "exercice : rien à dire"}
)

// wordOr is the word of a value, or the value itself where an older program does not know it.
func wordOr[V ~string](words map[V]string, v V) string {
	if w := words[v]; w != "" {
		return w
	}
	return "« " + string(v) + " »"
}

func (s storyteller) place(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.PaceSet:
		return wordOr(paceLines, e.Pace)
	case rooms.TroubleSet:
		return wordOr(troubleLines, e.Trouble)
	case rooms.PeopleCounted:
		return fmt.Sprintf("%d personnes dans la salle", e.People)
	case rooms.SiteNoted:
		return wordOr(factLines, e.Fact) + " : " + s.site(e.Site)
	case rooms.PaceSeen:
		return "météo vue : " + s.sites(e.Sites)
	case rooms.SiteSuspended:
		return "questions suspendues : " + s.site(e.Site)
	case rooms.SiteAllowed:
		return "questions rouvertes : " + s.site(e.Site)
	case rooms.PostsOpened:
		return s.postsOpened(e)
	case rooms.PostJoined:
		return s.post(e.Link) + " entré par le code : " + s.site(e.Site)
	case rooms.PostLost:
		if e.Lost {
			return s.post(e.Link) + " : « je suis perdu·e »"
		}
		return s.post(e.Link) + " : ça va mieux"
	case rooms.PostAttended:
		return "quelqu’un est allé voir : " + s.post(e.Link)
	}
	return ""
}

// post is how a machine of the room is called: as its link's note says, else by the beginning of its id.
func (s storyteller) post(id rooms.LinkID) string {
	if name := s.people[id]; name != "" {
		return name
	}
	short, _, _ := strings.Cut(string(id), "-")
	return "poste " + short
}

// postsOpened tells of a code without telling it: it is nobody's business.
func (s storyteller) postsOpened(e rooms.PostsOpened) string {
	if !s.codes[e.Site] {
		s.codes[e.Site] = true
		return "postes ouverts : " + s.site(e.Site)
	}
	return fmt.Sprintf("nouveau code des postes : %s (postes qui restent : %d, fermés : %d)", s.site(e.Site), e.Stayed, e.Closed)
}

func (s storyteller) sites(ids []rooms.SiteID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = s.site(id)
	}
	return strings.Join(names, ", ")
}

func (s storyteller) exercise(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.ExerciseStarted:
		return fmt.Sprintf("exercice %d : « %s », jusqu’à %s", e.Number, e.Instruction, e.Until.Local().Format("15:04"))
	case rooms.ExerciseExtended:
		return "exercice prolongé jusqu’à " + e.Until.Local().Format("15:04")
	case rooms.ExerciseEnded:
		return "fin de l’exercice"
	case rooms.ExerciseReported:
		return wordOr(reportLines, e.Report)
	case rooms.ExerciseSpoken:
		if e.On {
			return "la médiation parle pendant l’exercice"
		}
		return "la médiation se tait"
	case rooms.ExercisePutAway:
		return "exercice rangé"
	}
	return ""
}

func (s storyteller) studio(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.RundownSet:
		return fmt.Sprintf("déroulé écrit : %d étapes", len(e.Steps))
	case rooms.StepStarted:
		if e.Step == 0 {
			return "aucune étape en cours"
		}
		return fmt.Sprintf("étape %d", e.Step)
	case rooms.SheetSet:
		return fmt.Sprintf("fiche ajoutée : « %s »", e.Title)
	case rooms.SheetDropped:
		return "fiche retirée"
	case rooms.RoomEdited:
		return fmt.Sprintf("séance modifiée : « %s »", e.Title)
	case rooms.StripShown:
		return "bandeau montré : « " + strings.TrimSpace(e.Title+" "+e.Text) + " »"
	case rooms.StripHidden:
		return "bandeau caché"
	case rooms.CameraSelected:
		if e.Camera == rooms.CameraHands {
			return "caméra mains"
		}
		return "caméra principale"
	case rooms.Announced:
		return fmt.Sprintf("annonce %d : « %s »", e.Number, e.Text)
	case rooms.Captioned:
		if e.Clear {
			return "sous-titre vidé"
		}
		return "sous-titre" + said(e.Text, e.Erased)
	case rooms.CaptionsErased:
		return "sous-titres effacés"
	}
	return ""
}

var floorEnds = map[rooms.FloorWhy]string{
	rooms.WhyCut: "coupé", rooms.WhyWithdrawn: "invitation retirée", rooms.WhyRefused: "invitation refusée",
	rooms.WhyUnanswered: "sans réponse", rooms.WhyAbsent: "l’invité·e n’est plus là", rooms.WhyEnded: "fin de la séance",
	rooms.WhyRevoked: "lien retiré", rooms.WhyRestart: "le serveur a redémarré", rooms.WhyTimeout: "temps écoulé",
}

var requestEnds = map[rooms.RequestWhy]string{
	rooms.RequestInvited: "invitée", rooms.RequestCancelled: "retirée", rooms.RequestDismissed: "non retenue",
}

func (s storyteller) floor(ev rooms.Event) string {
	switch e := ev.(type) {
	case rooms.FloorRequested:
		line := "demande de passer à l’antenne"
		if e.Reason != "" {
			line += " : « " + e.Reason + " »"
		}
		return line
	case rooms.FloorRequestEnded:
		return "demande d’antenne " + wordOr(requestEnds, e.Why)
	case rooms.FloorRequestErased:
		return "demande d’antenne : texte effacé"
	case rooms.Invited:
		return "invitation à l’antenne : " + s.from(e.Site, e.From)
	case rooms.InviteAccepted:
		return "invitation acceptée"
	case rooms.GuestCame:
		return "l’invité·e est là"
	case rooms.GuestLeft:
		return "l’image et le son de l’invité·e manquent"
	case rooms.GuestCamera:
		if e.On {
			return "la caméra de l’invité·e est permise"
		}
		return "la caméra de l’invité·e est fermée"
	case rooms.FloorOpened:
		return "l’invité·e est à l’antenne"
	case rooms.FloorRested:
		return "l’invité·e est en coulisses"
	case rooms.FloorEnded:
		return "fin de l’antenne de l’invité·e (" + wordOr(floorEnds, e.Why) + ")"
	case rooms.FloorCleared:
		return "l’antenne est libre"
	}
	return ""
}

// from names who was invited: a place, or somebody at home.
func (s storyteller) from(site rooms.SiteID, from string) string {
	if from != "home" {
		return s.site(site)
	}
	if site == "" {
		return "à la maison"
	}
	return "à la maison (" + s.site(site) + ")"
}
