package dial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"antenne/sfu"
	"antenne/sfu/peer"
	"antenne/signaling/wire"
)

// Refused is a server's no: a code for programs, a sentence for people.
type Refused struct {
	Status int // of HTTP; 0 on the class connection
	Code   string
	Text   string
	Retry  bool          // whether coming back can help
	After  time.Duration // not before; 0 when the server did not say
}

func (r *Refused) Error() string { return "refused: " + r.Code }

// Session is media that was accepted.
type Session struct {
	URL   string // its Location
	token string
}

// client follows 307 and 308 with the same method, body and token, and no other redirection: RFC 9725 §4.6 allows none.
var client = &http.Client{
	Timeout: dialWithin,
	CheckRedirect: func(r *http.Request, via []*http.Request) error {
		status := r.Response.StatusCode
		keeps := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
		if !keeps || len(via) > 3 {
			return http.ErrUseLastResponse
		}
		return nil
	},
}

// Whip publishes to the door at address, with a link's token.
func Whip(ctx context.Context, address, token string, offer sfu.Offer) (sfu.Answer, *Session, error) {
	return post(ctx, address, token, offer)
}

// Whep watches at the door at address; token is "" where the room is public.
func Whep(ctx context.Context, address, token string, offer sfu.Offer) (sfu.Answer, *Session, error) {
	return post(ctx, address, token, offer)
}

// Exchange is Whip or Whep in the shape sfu/peer wants.
func Exchange(address, token string) peer.Exchange {
	return func(ctx context.Context, offer sfu.Offer) (sfu.Answer, func(context.Context) error, error) {
		answer, session, err := post(ctx, address, token, offer)
		if err != nil {
			return "", nil, err
		}
		return answer, session.Delete, nil
	}
}

func post(ctx context.Context, address, token string, offer sfu.Offer) (sfu.Answer, *Session, error) {
	resp, err := request(ctx, http.MethodPost, address, token, []byte(offer))
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return "", nil, refusal(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxOffer))
	if err != nil {
		return "", nil, fmt.Errorf("dial media: %w", err)
	}
	location, err := resp.Request.URL.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" {
		return "", nil, fmt.Errorf("dial media: an answer without a session's address")
	}
	return sfu.Answer(body), &Session{URL: location.String(), token: token}, nil
}

// ID is the session's name, for wire.Media.
func (s *Session) ID() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return u.Path[1+bytes.LastIndexByte([]byte(u.Path), '/'):]
}

// Delete ends the session. A session that is no more is no error: the answer to a first try may have been lost.
func (s *Session) Delete(ctx context.Context) error {
	resp, err := request(ctx, http.MethodDelete, s.URL, s.token, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 || resp.StatusCode == http.StatusNotFound {
		return nil
	}
	return refusal(resp)
}

func request(ctx context.Context, method, address, token string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("dial media: %w", err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/sdp")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("dial media: %w", err)
	}
	return resp, nil
}

// refusal reads what a server says with a status that is no success.
func refusal(resp *http.Response) error {
	r := &Refused{Status: resp.StatusCode, Code: "http-" + strconv.Itoa(resp.StatusCode)}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	var problem wire.Problem
	if json.Unmarshal(body, &problem) == nil && problem.Code != "" {
		r.Code, r.Text = problem.Code, problem.Text
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		r.Retry, r.After = true, time.Duration(seconds)*time.Second
	}
	return r
}
