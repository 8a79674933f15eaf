package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"
)

// writePair makes a certificate for 127.0.0.1 with that serial number.
func writePair(t testing.TB, dir string, serial int64) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	model := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "antenne"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, model, model, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePEM(t, certFile, "CERTIFICATE", der)
	writePEM(t, keyFile, "PRIVATE KEY", keyDER)
	return certFile, keyFile
}

func writePEM(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func serial(t *testing.T, pair *tls.Certificate) int64 {
	t.Helper()
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf.SerialNumber.Int64()
}

func TestARenewedCertificateIsTakenAndABrokenOneIsNot(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writePair(t, dir, 1)
	pair, err := loadCertificate(certFile, keyFile, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	later := func() time.Time { now = now.Add(2 * lookEvery); return now }
	if got := serial(t, pair.current(later())); got != 1 {
		t.Fatalf("serial %d", got)
	}

	writePair(t, dir, 2)
	touch(t, certFile, now.Add(time.Minute))
	if got := serial(t, pair.current(now)); got != 1 {
		t.Errorf("looked at the files twice in a second: serial %d", got)
	}
	if got := serial(t, pair.current(later())); got != 2 {
		t.Errorf("after the renewal: serial %d", got)
	}

	if err := os.WriteFile(certFile, []byte("-----BEGIN CERT"), 0o600); err != nil { // half written
		t.Fatal(err)
	}
	if got := serial(t, pair.current(later())); got != 2 {
		t.Errorf("with half a file: serial %d", got)
	}
	os.Remove(keyFile)
	if got := serial(t, pair.current(later())); got != 2 {
		t.Errorf("without its key: serial %d", got)
	}
	writePair(t, dir, 3)
	touch(t, certFile, now.Add(2*time.Minute))
	if got := serial(t, pair.current(later())); got != 3 {
		t.Errorf("once whole again: serial %d", got)
	}
}

func touch(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// TestRenewalCutsNobody keeps a connection open over a renewal (fault 26).
func TestRenewalCutsNobody(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writePair(t, dir, 1)
	pair, err := loadCertificate(certFile, keyFile, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	server := newHTTPServer(http.HandlerFunc(sayWell), zap.NewNop())
	server.TLSConfig = pair.config()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go serveOn(server, listener)
	defer server.Close()

	ask := func(client *http.Client) int64 {
		t.Helper()
		res, err := client.Get("https://" + listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body) // the connection is kept only then
		res.Body.Close()
		return res.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	newClient := func() *http.Client {
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	}
	old := newClient()
	ask(old)
	writePair(t, dir, 2)
	touch(t, certFile, time.Now().Add(time.Minute))
	deadline := time.Now().Add(20 * time.Second)
	for ask(newClient()) != 2 {
		if time.Now().After(deadline) {
			t.Fatal("the new certificate is not taken")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got := ask(old); got != 1 {
		t.Errorf("the connection that was there was cut: it now has certificate %d", got)
	}
}
