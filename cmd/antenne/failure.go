package main

import (
	"errors"
	"strings"

	"antenne/rooms/words"
)

// failure is an error with two voices: a code for programs, and the catalogue's
// sentence of that code for people.
type failure struct {
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
	cause  error
}

// fail makes a failure from its code and pairs of parameter name and value.
func fail(code string, pairs ...string) *failure {
	params := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i]] = pairs[i+1]
	}
	return &failure{Code: code, Params: params}
}

func (f *failure) because(err error) *failure {
	f.cause = err
	return f
}

func (f *failure) Error() string {
	if f.cause != nil {
		return f.Code + ": " + f.cause.Error()
	}
	return f.Code
}

func (f *failure) Unwrap() error { return f.cause }

func (f *failure) sentence(lang string) string {
	return strings.TrimSpace(words.Sentence(lang, f.Code, f.Params)) + " [" + f.Code + "]"
}

// mistakes are all the things that were not understood, told at once.
type mistakes []*failure

func (m mistakes) Error() string {
	codes := make([]string, len(m))
	for i, one := range m {
		codes[i] = one.Error()
	}
	return strings.Join(codes, ", ")
}

func (m mistakes) orNil() error {
	if len(m) == 0 {
		return nil
	}
	return m
}

// asFailure finds the code an error carries, whichever package it comes from.
func asFailure(err error) *failure {
	var known *failure
	if errors.As(err, &known) {
		return known
	}
	if found := foreignFailure(err); found != nil {
		return found
	}
	return fail("unexpected", "cause", err.Error()).because(err)
}
