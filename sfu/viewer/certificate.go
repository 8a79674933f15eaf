package viewer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	_ "crypto/sha256" // fingerprints
	_ "crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

var errFingerprint = errors.New("viewer: the client's certificate is not the one of its offer")

// hashes that a fingerprint may use: RFC 8122 §5 leaves out MD5, and nothing
// that speaks WebRTC needs SHA-1.
var hashes = map[string]crypto.Hash{"sha-256": crypto.SHA256, "sha-384": crypto.SHA384, "sha-512": crypto.SHA512}

// newCertificate makes the process's own: self-signed, never on a disk, known
// to clients by its fingerprint alone.
func newCertificate(now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := x509.Certificate{
		SerialNumber: serial,
		NotBefore:    now.Add(-24 * time.Hour), // clocks differ
		NotAfter:     now.AddDate(1, 0, 0),
	}
	raw, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, nil
}

// digest is a fingerprint's value: upper-case hex, colons between bytes.
func digest(h crypto.Hash, certificate []byte) string {
	sum := h.New()
	sum.Write(certificate)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum.Sum(nil)), " ", ":")
}

// verify tells whether the certificate is one that the offer named.
func verify(offered []Fingerprint, chain [][]byte) error {
	if len(chain) == 0 {
		return errFingerprint
	}
	for _, f := range offered {
		h, ok := hashes[strings.ToLower(f.Algorithm)]
		if ok && strings.EqualFold(f.Value, digest(h, chain[0])) {
			return nil
		}
	}
	return errFingerprint
}

func verifier(offered []Fingerprint) func([][]byte, [][]*x509.Certificate) error {
	return func(chain [][]byte, _ [][]*x509.Certificate) error { return verify(offered, chain) }
}

// known keeps the fingerprints that can be verified.
func known(offered []Fingerprint) []Fingerprint {
	var kept []Fingerprint
	for _, f := range offered {
		if _, ok := hashes[strings.ToLower(f.Algorithm)]; ok {
			kept = append(kept, f)
		}
	}
	return kept
}
