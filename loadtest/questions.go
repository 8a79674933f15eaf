package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"antenne/signaling/dial"
	"antenne/signaling/wire"
)

type questionsPlan struct {
	links                         []link
	desks, homes, listeners, slow int
	rate                          float64 // questions per second in all
	lasts                         time.Duration
}

func questions(ctx context.Context, args []string, out io.Writer) error {
	p, err := planQuestions(args, out)
	if err != nil {
		return err
	}
	alone, err := playQuestions(ctx, p, 0)
	if err != nil {
		return fmt.Errorf("alone: %w", err)
	}
	alone.print(out, "without slow readers")
	if p.slow == 0 {
		return alone.verdict()
	}
	beside, err := playQuestions(ctx, p, p.slow)
	if err != nil {
		return fmt.Errorf("beside slow readers: %w", err)
	}
	beside.print(out, fmt.Sprintf("beside %d connections that stop reading", p.slow))
	return errors.Join(alone.verdict(), beside.verdict())
}

func planQuestions(args []string, out io.Writer) (p questionsPlan, err error) {
	flags := flag.NewFlagSet("questions", flag.ContinueOnError)
	flags.SetOutput(out)
	file := flags.String("links", "", "file of links (animator and moderator needed)")
	flags.IntVar(&p.desks, "desks", 12, "connections of animators that ask")
	flags.IntVar(&p.homes, "homes", 20, "connections without a link that ask; the room must be public")
	flags.IntVar(&p.listeners, "listeners", 3, "connections of the régie that note what arrives")
	flags.IntVar(&p.slow, "slow", 2, "connections of the régie that stop reading, the second time")
	flags.Float64Var(&p.rate, "rate", 20, "questions per second, of everybody together")
	flags.DurationVar(&p.lasts, "for", 20*time.Second, "how long people ask, each time")
	if err := flags.Parse(args); err != nil {
		return p, err
	}
	if p.links, err = readLinks(*file); err != nil {
		return p, err
	}
	return p, p.check()
}

func (p questionsPlan) check() error {
	switch {
	case p.desks > 0 && len(ofRole(p.links, "animator")) == 0:
		return errors.New("no animator's link in the file")
	case len(ofRole(p.links, "moderator")) == 0:
		return errors.New("no moderator's link in the file")
	case p.desks+p.homes < 1 || p.listeners < 1 || p.rate <= 0 || p.lasts <= 0:
		return errors.New("somebody must ask, and somebody listen, for some time")
	}
	return nil
}

// playQuestions runs the crowd once.
func playQuestions(ctx context.Context, p questionsPlan, slow int) (*register, error) {
	r := newRegister(p.listeners)
	crowd := &company{}
	defer crowd.leave()
	listening := ofRole(p.links, "moderator")[0]
	for i := range p.listeners {
		c, err := crowd.enter(ctx, listening)
		if err != nil {
			return nil, err
		}
		crowd.running.Go(func() { r.listen(i, c) })
	}
	frozen, err := crowd.enterFrozen(ctx, listening, slow)
	if err != nil {
		return nil, err
	}
	askers, err := crowd.enterAskers(ctx, p)
	if err != nil {
		return nil, err
	}
	asking, done := context.WithTimeout(ctx, p.lasts)
	defer done()
	var people sync.WaitGroup
	desk, home := p.pace()
	for i, c := range askers {
		a, every, group, place := &asker{conn: c, desk: true}, desk, p.desks, i
		if i >= p.desks {
			a.desk, every, group, place = false, home, p.homes, i-p.desks
		}
		people.Go(func() { r.ask(asking, a, every, every*time.Duration(place)/time.Duration(group)) })
	}
	people.Wait()
	r.settle(ctx)
	for _, c := range frozen {
		r.thaw(c)
	}
	return r, ctx.Err()
}

// What a server takes from homes without a link: one question in that time each, and as many a minute of one address. A desk asks
// once and then goes on rephrasing its question: a site may ask ten times a minute, and say much more.
const (
	homeEvery  = 20 * time.Second
	addressHas = 20
)

// pace is how long each desk and each home waits between two questions: homes no shorter than a server allows, desks so that
// all together make the rate.
func (p questionsPlan) pace() (desk, home time.Duration) {
	all := time.Duration(float64(p.desks+p.homes) / p.rate * float64(time.Second))
	home = max(all, homeEvery, time.Duration(p.homes)*time.Minute/addressHas)
	rest := p.rate - float64(p.homes)/home.Seconds()
	if rest <= 0 || p.desks == 0 {
		return home, home
	}
	return time.Duration(float64(p.desks) / rest * float64(time.Second)), home
}

// company is the connections of one run, and the goroutines that read them.
type company struct {
	conns   []*dial.Conn
	running sync.WaitGroup
}

func (c *company) enter(ctx context.Context, l link) (*dial.Conn, error) {
	hello := wire.Hello{Token: l.token, Device: uuid.NewString()}
	if l.token == "" {
		hello.Room = l.room
	}
	conn, err := dial.Class(ctx, l.base, hello)
	if err != nil {
		return nil, err
	}
	c.conns = append(c.conns, conn)
	return conn, nil
}

// enterFrozen makes connections whose events nobody takes: they stop reading, as a frozen page does.
func (c *company) enterFrozen(ctx context.Context, l link, n int) (frozen []*dial.Conn, err error) {
	for range n {
		conn, err := c.enter(ctx, l)
		if err != nil {
			return nil, err
		}
		frozen = append(frozen, conn)
	}
	return frozen, nil
}

func (c *company) enterAskers(ctx context.Context, p questionsPlan) (askers []*dial.Conn, err error) {
	desks := ofRole(p.links, "animator")
	home := link{base: p.links[0].base, room: p.links[0].room}
	for i := range p.desks + p.homes {
		l := home
		if i < p.desks {
			l = desks[i%len(desks)]
		}
		conn, err := c.enter(ctx, l)
		if err != nil {
			return nil, err
		}
		c.running.Go(func() { drain(conn) })
		askers = append(askers, conn)
	}
	return askers, nil
}

func drain(c *dial.Conn) {
	for range c.Events() {
	}
}

func (c *company) leave() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.running.Wait()
}

// fate is what became of one question. Its fields are owned under register.mu.
type fate struct {
	asked  time.Time
	done   bool
	seenBy []int // by listener: how often it appeared there
	whole  chan struct{}
}

// register follows every question from its asker to its listeners.
type register struct {
	listeners int
	logged    times
	delivered times

	mu       sync.Mutex
	fates    map[string]*fate // by word
	refusals map[string]int   // by code
	slow     int
}

func newRegister(listeners int) *register {
	return &register{listeners: listeners, fates: map[string]*fate{}, refusals: map[string]int{}}
}

// asker is one connection that asks. Owned by its goroutine.
type asker struct {
	conn     *dial.Conn
	desk     bool
	question string // a desk's, once it has asked
}

// says is the next command of an asker, with a word in its text that is found again.
func (a *asker) says(word string) map[string]string {
	text := textOf(word)
	if a.question != "" {
		return map[string]string{"name": "rephrase", "question": a.question, "text": text}
	}
	return map[string]string{"name": "ask", "question": word, "text": text}
}

func textOf(word string) string { return "Question " + word + " ?" }

// wordIn is the word that a question's entity holds; "" for none.
func wordIn(entity json.RawMessage) string {
	var q struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(entity, &q) != nil {
		return ""
	}
	word, begins := strings.CutPrefix(q.Text, "Question ")
	word, ends := strings.CutSuffix(word, " ?")
	if !begins || !ends {
		return ""
	}
	return word
}

// ask asks at a steady pace.
func (r *register) ask(ctx context.Context, a *asker, every, first time.Duration) {
	wait := time.NewTimer(first)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
			wait.Reset(every)
			r.askOne(ctx, a)
		}
	}
}

const within = 5 * time.Second // a question that takes longer is reported as lost

// askOne says one word and waits until every listener has it. A home withdraws what was seen, so that no limit of open questions is met.
func (r *register) askOne(ctx context.Context, a *asker) {
	word := uuid.NewString()
	f := r.begin(word)
	patient, done := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer done()
	if _, err := a.conn.Do(patient, a.says(word)); err != nil {
		r.refused(word, err)
		return
	}
	r.logged.add(time.Since(f.asked))
	r.note(word, func(f *fate) { f.done = true })
	if a.desk && a.question == "" {
		a.question = word
	}
	select {
	case <-f.whole:
		if !a.desk {
			_, _ = a.conn.Do(patient, map[string]string{"name": "withdraw", "question": word})
		}
	case <-patient.Done():
	}
}

func (r *register) begin(id string) *fate {
	f := &fate{asked: time.Now(), seenBy: make([]int, r.listeners), whole: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fates[id] = f
	return f
}

func (r *register) note(id string, change func(*fate)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f, ok := r.fates[id]; ok {
		change(f)
	}
}

// refused: the server said no, so the question is not lost; it is counted by its reason.
func (r *register) refused(id string, err error) {
	code := "no-answer"
	var refused *dial.Refused
	if errors.As(err, &refused) {
		code = refused.Code
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusals[code]++
	if refused != nil {
		delete(r.fates, id)
	}
}

// listen notes each word when it first appears, and whether it ever appears as new again.
func (r *register) listen(listener int, c *dial.Conn) {
	said := map[string]string{} // by question: the word that was there last
	for m := range c.Events() {
		change, ok := m.(*wire.Change)
		if !ok {
			continue
		}
		for key, entity := range change.Set {
			word := wordIn(entity)
			if strings.HasPrefix(key, "question/") && word != "" && said[key] != word {
				said[key] = word
				r.note(word, func(f *fate) { r.sawLocked(f, listener) })
			}
		}
	}
}

func (r *register) sawLocked(f *fate, listener int) {
	f.seenBy[listener]++
	for _, times := range f.seenBy {
		if times == 0 {
			return
		}
	}
	select {
	case <-f.whole: // doubled: counted by seenBy
	default:
		r.delivered.add(time.Since(f.asked))
		close(f.whole)
	}
}

// settle waits until every question that is in the log was seen, or nobody can hope any more.
func (r *register) settle(ctx context.Context) {
	deadline := time.After(within)
	for {
		if lost, _ := r.count(); lost == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-deadline:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// thaw reads again what a frozen connection left unread, and looks whether it ends with « slow ».
func (r *register) thaw(c *dial.Conn) {
	late := time.After(within)
	for open := true; open; {
		select {
		case _, open = <-c.Events():
		case <-late:
			return // still open
		}
	}
	var refused *dial.Refused
	if errors.As(c.Err(), &refused) && refused.Code == "slow" {
		r.mu.Lock()
		r.slow++
		r.mu.Unlock()
	}
}

func (r *register) count() (lost, doubled int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.fates {
		for _, times := range f.seenBy {
			if f.done && times == 0 {
				lost++
				break
			}
		}
		for _, times := range f.seenBy {
			if times > 1 {
				doubled++
				break
			}
		}
	}
	return lost, doubled
}

func (r *register) print(out io.Writer, title string) {
	lost, doubled := r.count()
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(out, "%s\n  done      %v\n  delivery  %v\n  lost %d, doubled %d, cut off with « slow » %d, refused %v\n",
		title, &r.logged, &r.delivered, lost, doubled, r.slow, r.refusals)
}

func (r *register) verdict() error {
	if lost, doubled := r.count(); lost+doubled > 0 {
		return fmt.Errorf("%d questions lost, %d doubled", lost, doubled)
	}
	return nil
}
