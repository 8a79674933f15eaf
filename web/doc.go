// Package web serves what people see: the pages, their styles, scripts and words.
//
// A page is plain HTML that already says what matters (title, when, state, « il
// vous faut ») before any script runs; its script then follows the class over the
// doors of package signaling. Nothing here changes any state: every answer is to
// a GET or a HEAD.
//
// # A page called "live"
//
//	pages.go             its address, its data, its rights (camera…)
//	templates/live.html  {{define "main"}}, and if wanted "head" and "foot"
//	static/css/live.css  added to base.css when it exists
//	static/js/ui/live.js started as a module when it exists; may import ui/page.js and core/*
//	locale/{fr,en}.json  its sentences: live.*, common.*, state.*, question.*
//
// core/ knows no page and ui/ knows no protocol. Sentences whose keys begin with
// the page's name, or with a shared prefix, travel inside the HTML.
//
// # Ownership
//
// Everything in a site is static after New: no goroutine, no lock. Handlers call
// Config.Room and Config.Rooms, which must be safe for concurrent use.
package web
