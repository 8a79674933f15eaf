package web

import (
	"fmt"
	"html/template"
	"regexp"
)

// pictoSheet holds every pictogram, one <symbol> each: one request for all of them, kept for ever by browsers.
const pictoSheet = "img/picto.svg"

var pictoID = regexp.MustCompile(`<symbol id="([a-z-]+)"`)

// pictos lists the pictograms of the sheet.
func (a *assets) pictos() map[string]bool {
	known := map[string]bool{}
	if sheet := a.files[pictoSheet]; sheet != nil {
		for _, m := range pictoID.FindAllSubmatch(sheet.body, -1) {
			known[string(m[1])] = true
		}
	}
	return known
}

// picto draws a pictogram in a template: {{picto . "slower"}}, or {{picto $ "slower"}} inside a range or a with.
// It stands beside its word and says nothing of its own to a screen reader. A name that the sheet does not have is
// an error: a missing drawing would not be seen by who writes the page.
func picto(v *view, name string) (template.HTML, error) {
	if !v.site.pictos[name] {
		return "", fmt.Errorf("web: no pictogram %q in static/%s", name, pictoSheet)
	}
	return template.HTML(fmt.Sprintf(`<svg class="picto" aria-hidden="true" focusable="false"><use href="%s#%s"></use></svg>`, v.Asset(pictoSheet), name)), nil
}
