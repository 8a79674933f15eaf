package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// The doctor looks at a running server the way its visitors will meet it, and
// says what it finds in plain sentences. It asks nobody outside this machine
// except the server's own public address.

// grade tells how a finding weighs: only what must be put right makes the
// doctor's exit code 1.
type grade int

const (
	good grade = iota
	hint
	bad
)

func (g grade) label(lang string) string {
	labels := map[grade]text{good: {"bien      ", "good      "}, hint: {"à savoir  ", "to know   "}, bad: {"à corriger", "to correct"}}
	return labels[g].in(lang)
}

type examination struct {
	*call
	data   string
	server *client
	visit  string // tells this look from another
	status serverStatus
	public *url.URL
	bad    int
}

func (e *examination) say(g grade, fr, en string, values ...any) {
	if g == bad {
		e.bad++
	}
	fmt.Fprintf(e.stdout, "%s : %s\n", g.label(e.lang), fmt.Sprintf(text{fr, en}.in(e.lang), values...))
}

func doctor(ctx context.Context, c *call) error {
	e := &examination{call: c, data: c.get("data"), server: newClient(c.get("data")), visit: rand.Text()}
	e.lookAtFolder()
	e.lookAtDisk()
	e.lookAtClock()
	if e.lookAtServer(ctx) {
		e.lookAtLimits()
		e.lookAtJournal(ctx)
		e.lookAtAddress()
		e.lookAtDoor(ctx)
		e.lookAtMedia(ctx)
		e.lookAtNetwork()
		e.tellTownHall()
	}
	if e.bad > 0 {
		return fail("doctor-problems", "count", strconv.Itoa(e.bad))
	}
	return nil
}

func (e *examination) lookAtFolder() {
	info, err := os.Stat(e.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.say(bad, "Le dossier des données %s n’existe pas.", "The data folder %s does not exist.", e.data)
		return
	case err != nil || !info.IsDir():
		e.say(bad, "Le dossier des données %s ne peut pas être regardé par ce compte.", "The data folder %s cannot be looked at by this account.", e.data)
		return
	case info.Mode().Perm()&0o077 != 0:
		e.say(bad, "Le dossier des données est ouvert à d’autres comptes : faites « chmod 700 %s ».", "The data folder is open to other accounts: run « chmod 700 %s ».", e.data)
		return
	}
	if name := widestFile(e.data); name != "" {
		e.say(bad, "Le fichier %s est ouvert à d’autres comptes : faites « chmod 600 » dessus.", "The file %s is open to other accounts: run « chmod 600 » on it.", name)
		return
	}
	e.say(good, "Le dossier des données n’est ouvert qu’au compte du serveur.", "The data folder is open to the server’s account only.")
}

// widestFile finds a file that others may read, or "".
func widestFile(folder string) string {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			return filepath.Join(folder, entry.Name())
		}
	}
	return ""
}

const leastFreeDisk = 1 << 30 // bytes

func (e *examination) lookAtDisk() {
	var disk unix.Statfs_t
	if unix.Statfs(e.data, &disk) != nil {
		return // the folder was already spoken of
	}
	free := disk.Bavail * uint64(disk.Bsize)
	megabytes := free >> 20
	if free < leastFreeDisk {
		e.say(bad, "Il ne reste que %d Mo sur le disque des données : il en faut 1024.", "Only %d MB are left on the data disk: it needs 1024.", megabytes)
		return
	}
	e.say(good, "Il reste %d Mo sur le disque des données.", "%d MB are left on the data disk.", megabytes)
}

func (e *examination) lookAtClock() {
	var clock unix.Timex
	state, err := unix.Adjtimex(&clock)
	const unsynchronised = 5 // TIME_ERROR of adjtimex(2)
	if err != nil || state == unsynchronised {
		e.say(hint, "L’horloge de cette machine n’est réglée sur aucune autre : « timedatectl set-ntp true » la règle.", "This machine’s clock follows no other: « timedatectl set-ntp true » sets it.")
		return
	}
	e.say(good, "L’horloge est réglée.", "The clock is set.")
}

func (e *examination) lookAtServer(ctx context.Context) bool {
	asking, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := e.server.ask(asking, http.MethodGet, "/status", nil, &e.status); err != nil {
		e.say(bad, "%s", "%s", asFailure(err).sentence(e.lang))
		return false
	}
	e.public, _ = url.Parse(e.status.Public)
	if e.status.NotReady != "" {
		e.say(bad, "Le serveur tourne mais n’est pas prêt : %s.", "The server runs but is not ready: %s.", e.status.NotReady)
		return true
	}
	e.say(good, "Le serveur répond (version %s, %d séance(s)).", "The server answers (version %s, %d room(s)).", e.status.Version, e.status.Rooms)
	return true
}

const leastOpenFiles = 4096

func (e *examination) lookAtLimits() {
	if e.status.OpenFiles < leastOpenFiles {
		e.say(hint, "Le serveur ne peut ouvrir que %d fichiers : donnez LimitNOFILE=65536 à son service.", "The server may open only %d files: give its service LimitNOFILE=65536.", e.status.OpenFiles)
	}
}

func (e *examination) lookAtJournal(ctx context.Context) {
	if err := e.server.ask(ctx, http.MethodPost, "/verify", nil, nil); err != nil {
		e.say(bad, "%s", "%s", asFailure(err).sentence(e.lang))
		return
	}
	e.say(good, "Le journal est entier, de la première à la dernière ligne.", "The log is whole, from its first line to its last.")
}

func (e *examination) lookAtAddress() {
	host := e.public.Hostname()
	switch {
	case loopbackHost(host):
		e.say(hint, "L’adresse publique est %s : seule cette machine peut l’ouvrir. Donnez la vraie avec --public-url.", "The public address is %s: only this machine can open it. Give the real one with --public-url.", e.status.Public)
	case e.public.Scheme != "https":
		e.say(bad, "L’adresse publique %s n’est pas en https:// : les navigateurs y refuseront caméra et microphone.", "The public address %s is not https://: browsers will refuse camera and microphone there.", e.status.Public)
	default:
		e.say(good, "L’adresse publique est %s.", "The public address is %s.", e.status.Public)
	}
}

// lookAtDoor comes by the public address, as visitors will.
func (e *examination) lookAtDoor(ctx context.Context) {
	asking, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(asking, http.MethodGet, e.status.Public+"/healthz", nil)
	if err != nil {
		e.say(bad, "L’adresse publique %s ne peut pas être demandée.", "The public address %s cannot be asked.", e.status.Public)
		return
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		e.sayDoorFailure(err)
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		e.say(bad, "%s répond, mais ce n’est pas Antenne (%s) : vérifiez le serveur web placé devant.", "%s answers, but it is not Antenne (%s): check the web server in front.", e.status.Public, res.Status)
		return
	}
	e.say(good, "Les pages répondent sur %s.", "Pages answer on %s.", e.status.Public)
	if res.TLS != nil {
		e.lookAtCertificate(res.TLS.PeerCertificates[0])
	}
}

func (e *examination) sayDoorFailure(err error) {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	host := e.public.Hostname()
	switch {
	case errors.As(err, &name):
		e.say(bad, "Le certificat n’est pas au nom de %s.", "The certificate is not for %s.", host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e.say(bad, "Le certificat de %s a expiré, ou l’horloge est fausse.", "The certificate of %s has expired, or the clock is wrong.", host)
	case errors.As(err, &unknown), errors.As(err, &verification):
		e.say(bad, "Les navigateurs ne feront pas confiance au certificat de %s : il n’est signé par aucune autorité connue, ou sa chaîne manque.", "Browsers will not trust the certificate of %s: no known authority signed it, or its chain is missing.", host)
	default:
		e.say(bad, "L’adresse publique %s ne répond pas depuis cette machine : vérifiez le nom, le port %s en TCP et le pare-feu.", "The public address %s does not answer from this machine: check the name, port %s in TCP and the firewall.", e.status.Public, e.publicPort())
	}
}

func (e *examination) publicPort() string {
	if port := e.public.Port(); port != "" {
		return port
	}
	if e.public.Scheme == "https" {
		return "443"
	}
	return "80"
}

const renewalDue = 14 * 24 * time.Hour

func (e *examination) lookAtCertificate(leaf *x509.Certificate) {
	left := time.Until(leaf.NotAfter)
	until := sayTime(leaf.NotAfter, e.lang)
	if left < renewalDue {
		e.say(bad, "Le certificat expire bientôt, le %s : renouvelez-le.", "The certificate expires soon, on %s: renew it.", until)
		return
	}
	e.say(good, "Le certificat est bon jusqu’au %s.", "The certificate is good until %s.", until)
}

func (e *examination) lookAtNetwork() {
	host := e.public.Hostname()
	if loopbackHost(host) {
		return
	}
	if len(e.status.PublicIPs) == 0 && !hasPublicAddress() {
		e.say(bad, "Cette machine n’a que des adresses privées : donnez l’adresse publique du routeur avec --public-ip, et faites-lui renvoyer le port %d vers ici, en UDP et en TCP.", "This machine only has private addresses: give the router’s public address with --public-ip, and have it send port %d here, in UDP and TCP.", e.status.Media)
	}
	for _, ip := range e.status.PublicIPs {
		if parsed, err := netip.ParseAddr(ip); err == nil && parsed.IsPrivate() {
			e.say(hint, "L’adresse %s de --public-ip est privée : elle ne sert qu’à l’intérieur de ce réseau.", "The address %s of --public-ip is private: it only serves inside this network.", ip)
		}
	}
}

func hasPublicAddress() bool {
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		prefix, err := netip.ParsePrefix(a.String())
		if ip := prefix.Addr().Unmap(); err == nil && ip.IsGlobalUnicast() && !ip.IsPrivate() {
			return true
		}
	}
	return false
}

// tellTownHall gives the sentence that a centre can forward as it is to who
// keeps its firewall.
func (e *examination) tellTownHall() {
	host := e.public.Hostname()
	if loopbackHost(host) {
		return
	}
	e.say(hint, "À transmettre au service informatique de la mairie : « Merci d’autoriser, depuis nos salles vers %s, le TCP %s (https et WebSocket, sans inspection TLS) et l’UDP %d, aller et retour ; à défaut d’UDP, le TCP %d : l’image passera, un peu moins bien. »",
		"To forward to the town hall’s IT: « Please allow, from our rooms to %s, TCP %s (https and WebSocket, without TLS inspection) and UDP %d, both ways; failing UDP, TCP %d: the picture will pass, somewhat less well. »", host, e.publicPort(), e.status.Media, e.status.Media)
}
