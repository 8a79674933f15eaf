package web

import "testing"

func TestLeanTakesOnlyWholeLinesOfComment(t *testing.T) {
	for _, c := range []struct{ name, from, want string }{
		{"a.js", "// why\nlet a = 1; // one\n", "\nlet a = 1; // one\n"},
		{"a.js", "/** @param {x} a\n * more\n */\nf('/* no */');\n", "\n\n\nf('/* no */');\n"},
		{"a.js", "  /** @type {X} */ (el).focus();\n", "  /** @type {X} */ (el).focus();\n"},
		{"a.js", "  /** @private */\n  x();\n", "\n  x();\n"},
		{"a.js", "/*\n */ f();\n", "\n f();\n"},
		{"a.css", "/* look */\n.a { b: c; }\n", "\n.a { b: c; }\n"},
		{"a.svg", "// not ours\n", "// not ours\n"},
	} {
		if got := string(lean(c.name, []byte(c.from))); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.name, c.from, got, c.want)
		}
	}
}
