package stock

import (
	"errors"
	"net/http"
)

type server struct{}

func listen(string) (*Server, error) { return nil, errors.New("stock: not there yet") }

func (s *server) serve(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotImplemented)
}
func (s *server) viewers() int { return 0 }
func (s *server) close() error { return nil }
