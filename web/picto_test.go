package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"antenne/rooms"
)

// pictosOfDesign are the drawings that pages count on, by what they stand for.
const pictosOfDesign = "following slower stuck no-sound no-picture people question wordless request invite on-air cut backstage camera voice " +
	"hands exercise done more pause incident soon ended slides announce caption lost read-aloud sheet step screen post home phone seen help " +
	"retry reply later decline send sound absent"

func TestEveryPictogramIsDrawn(t *testing.T) {
	a, err := loadAssets(embedded)
	if err != nil {
		t.Fatal(err)
	}
	drawn := a.pictos()
	for _, id := range strings.Fields(pictosOfDesign) {
		if !drawn[id] {
			t.Errorf("static/%s does not draw %q", pictoSheet, id)
		}
	}
}

var drawing = regexp.MustCompile(`\bpicto(?:\(| [.$] )["']([a-z-]+)["']`)

// TestNobodyAsksForAMissingPictogram reads every page and every script: a drawing that is not there is an empty
// place beside a word, which nobody would notice.
func TestNobodyAsksForAMissingPictogram(t *testing.T) {
	a, err := loadAssets(embedded)
	if err != nil {
		t.Fatal(err)
	}
	drawn := a.pictos()
	err = fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(embedded, name)
		for _, m := range drawing.FindAllStringSubmatch(string(body), -1) {
			if !drawn[m[1]] {
				t.Errorf("%s asks for the pictogram %q", name, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPictogramIsDrawnFromTheSheetOrNotAtAll(t *testing.T) {
	a, err := loadAssets(embedded)
	if err != nil {
		t.Fatal(err)
	}
	v := &view{site: &site{assets: a, pictos: a.pictos()}}
	got, err := picto(v, "slower")
	if want := `<use href="` + a.url(pictoSheet) + `#slower">`; err != nil || !strings.Contains(string(got), want) || !strings.Contains(string(got), `aria-hidden="true"`) {
		t.Errorf("picto slower: %s, %v", got, err)
	}
	if got, err := picto(v, "nothing"); err == nil {
		t.Errorf("a drawing that is not there: %s", got)
	}
}

// TestAPageNamesItsBuild: by it a page learns that it is from before an upgrade.
func TestAPageNamesItsBuild(t *testing.T) {
	body := serve(t, cuisine(rooms.OnAir))("/desk/cuisine").Body.String()
	if !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(Build()) || !strings.Contains(body, ` data-build="`+Build()+`"`) {
		t.Errorf("build %q is not in the page", Build())
	}
	worked := serve(t, cuisine(rooms.OnAir), func(c *Config) { c.Dir = "." })("/desk/cuisine").Body.String()
	if strings.Contains(worked, "data-build") {
		t.Error("who works on the pages is told to update at each save")
	}
}
