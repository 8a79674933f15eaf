package main

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"antenne/sfu"
)

var serveOptions = []option{
	{name: "http", metavar: "ADDRESS", fallback: ":8080", kind: address, help: text{"où écouter pour les pages et les séances (127.0.0.1:8080 avec --demo)", "where to listen for pages and séances (127.0.0.1:8080 with --demo)"}},
	{name: "media", metavar: "ADDRESS", fallback: ":7882", kind: address, help: text{"le port de l'image et du son, en UDP, et en TCP pour ceux dont le réseau bloque l'UDP", "the port of picture and sound, in UDP, and in TCP for those whose network blocks UDP"}},
	optData,
	{name: "public-url", metavar: "URL", kind: webURL, help: text{"l'adresse que les gens tapent, comme https://antenne.exemple.fr", "the address people type, such as https://antenne.example.org"}},
	{name: "public-ip", metavar: "IP", kind: ips, help: text{"l'adresse publique, derrière un routeur (NAT) ; plusieurs séparées par des virgules", "the public address, behind a router (NAT); several separated by commas"}},
	{name: "tls-cert", metavar: "FILE", kind: file, help: text{"le certificat et sa chaîne (PEM), relus quand ils changent", "the certificate and its chain (PEM), read again when they change"}},
	{name: "tls-key", metavar: "FILE", kind: file, help: text{"la clé du certificat (PEM)", "the certificate's key (PEM)"}},
	{name: "allow-origin", metavar: "URL", kind: webURLs, help: text{"d'autres sites autorisés à ouvrir la prise des séances, séparés par des virgules", "other sites allowed to open the séances' socket, separated by commas"}},
	{name: "admin", metavar: "ADDRESS", fallback: "127.0.0.1:9090", kind: address, help: text{"où donner les mesures (/metrics)", "where to give the measures (/metrics)"}},
	{name: "egress", metavar: "BITRATE", fallback: "0", kind: bitrate, help: text{"le plus que le serveur envoie en tout, comme 500M ; au-delà les images rétrécissent, celles des familles d'abord, jamais le son (0 : sans limite)", "the most that the server sends in all, such as 500M; beyond it pictures become smaller, families' first, never the sound (0: no bound)"}},
	{name: "viewers", metavar: "NUMBER", fallback: "0", kind: headcount, help: text{"le plus de connexions qui regardent en même temps, un cinquième étant gardé aux salles (0 : autant que la machine en porte)", "the most connections that watch at once, a fifth being kept for the centres' rooms (0: as many as the machine carries)"}},
	{name: "late", metavar: "SECONDS", fallback: "2", kind: headcount, help: text{"combien de secondes de suite la machine peut être en retard avant que les images rétrécissent, puis que les nouveaux venus attendent", "how many seconds in a row the machine may be late before pictures become smaller, and then newcomers wait"}},
	{name: "ingest", metavar: "BITRATE", fallback: "8M", kind: bitrate, help: text{"le plus qu'une source (caméra, OBS) peut envoyer, et la moitié pour une seule image ; au-delà elle est coupée, avec un mot", "the most that one source (camera, OBS) may send, and half of it for a single picture; beyond it is cut, with a word"}},
	{name: "log", metavar: "STYLE", fallback: "console", kind: logStyle, help: text{"le journal technique, sur la sortie d'erreur : console ou json", "the technical log, on standard error: console or json"}},
	{name: "demo", kind: yesOrNo, help: text{"préparer une séance de démonstration et imprimer ses liens", "prepare a demonstration séance and print its links"}},
	{name: "yes-public", kind: yesOrNo, help: text{"permettre --demo sur une adresse publique", "allow --demo on a public address"}},
	optConfig,
}

var serveHelp = text{
	`Chaque option se donne aussi par l'environnement ou par une ligne « nom = valeur » du fichier de --config ; l'option l'emporte, puis l'environnement, puis le fichier. Toutes les erreurs sont dites en une fois.

Avec --demo, une ligne par lien sur la sortie standard, une fois le serveur prêt : rôle, centre ou tiret, adresse.

SIGTERM ou Ctrl+C : les pages sont prévenues, tout est rangé ; un second signal arrête aussitôt.`,
	`Each option can also be given by the environment or by a line « name = value » of the file of --config; the option wins, then the environment, then the file. All mistakes are told at once.

With --demo, one line per link on standard output once the server is ready: role, site or dash, address.

SIGTERM or Ctrl+C: pages are told, everything is put away; a second signal stops at once.`,
}

// settings are what a server runs with, all understood and coherent.
type settings struct {
	http, media, admin string
	data               string
	public             string // without a final slash; where links lead
	publicIPs          []netip.Addr
	cert, key          string
	origins            []string
	log                string
	demo               bool
	limits             sfu.Limits // of media
}

const demoAddress = "127.0.0.1:8080"

func readSettings(c *call) (settings, error) {
	s := settings{
		http: c.get("http"), media: c.get("media"), admin: c.get("admin"), data: c.get("data"),
		public: strings.TrimRight(c.get("public-url"), "/"), cert: c.get("tls-cert"), key: c.get("tls-key"),
		origins: splitList(c.get("allow-origin")), log: c.get("log"), demo: c.yes("demo"),
	}
	s.publicIPs, _ = parseIPs(c.get("public-ip"))
	s.limits = readLimits(c)
	if s.demo && !c.given["http"] {
		s.http = demoAddress
	}
	var wrong mistakes
	if (s.cert == "") != (s.key == "") {
		wrong = append(wrong, fail("tls-pair"))
	}
	if s.demo && !c.yes("yes-public") && s.reachesOut() {
		wrong = append(wrong, fail("demo-public"))
	}
	return s, wrong.orNil()
}

// readLimits understands what was already found to be well written.
func readLimits(c *call) (l sfu.Limits) {
	l.Egress, _ = parseBitrate(c.get("egress"))
	l.Viewers, _ = strconv.Atoi(c.get("viewers"))
	late, _ := strconv.Atoi(c.get("late"))
	l.Late = time.Duration(late) * time.Second
	l.Source, _ = parseBitrate(c.get("ingest"))
	l.Layer = l.Source / 2
	return l
}

// reachesOut tells whether strangers could come: the demonstration's links
// are printed, and its room open to all.
func (s settings) reachesOut() bool {
	if !loopbackHost(hostOf(s.http)) || len(s.publicIPs) > 0 {
		return true
	}
	u, err := url.Parse(s.public)
	return s.public != "" && (err != nil || !loopbackHost(u.Hostname()))
}

func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address)
	return host
}

func loopbackHost(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// publicURL is where links lead: what was configured, or else the listener's
// own address as somebody at this machine would type it.
func (s settings) publicURL(listening net.Addr) string {
	if s.public != "" {
		return s.public
	}
	scheme := "http://"
	if s.cert != "" {
		scheme = "https://"
	}
	host, port, _ := net.SplitHostPort(listening.String())
	if configured := hostOf(s.http); configured == "localhost" {
		host = configured
	} else if ip, err := netip.ParseAddr(host); err != nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}
