package rooms

// Refusal is a decision not to decide: a code for programs, whose sentence for people is in rooms/words.
type Refusal struct {
	Code   string
	Params map[string]string // fills the {gaps} of the sentence; never personal
}

func (r *Refusal) Error() string { return "refused: " + r.Code }

// refuse makes a refusal; params are key, value, key, value…
func refuse(code string, params ...string) error {
	r := &Refusal{Code: code}
	if len(params) > 0 {
		r.Params = make(map[string]string, len(params)/2)
	}
	for i := 0; i+1 < len(params); i += 2 {
		r.Params[params[i]] = params[i+1]
	}
	return r
}
