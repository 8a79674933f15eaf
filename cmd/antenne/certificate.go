package main

import (
	"crypto/tls"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"
)

// certificate gives the pair of two files, and the new one when they change:
// a renewal cuts nobody off. A pair that is half written, or does not match,
// is left alone and the previous one goes on serving.
type certificate struct {
	certFile, keyFile string
	log               *zap.Logger

	mu      sync.Mutex // guards what follows
	pair    *tls.Certificate
	stamp   fileStamp // of the files that pair was read from
	refused fileStamp // of the files last found unusable
	looked  time.Time
}

// fileStamp tells whether either file changed, without reading them.
type fileStamp struct {
	certTime, keyTime time.Time
	certSize, keySize int64
}

// lookEvery bounds how often handshakes look at the files.
const lookEvery = time.Second

func loadCertificate(certFile, keyFile string, log *zap.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	stamp, err := c.stampNow()
	if err != nil {
		return nil, fail("tls-unreadable", "cert", certFile, "key", keyFile).because(err)
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fail("tls-unusable", "cert", certFile, "key", keyFile).because(err)
	}
	c.pair, c.stamp = &pair, stamp
	return c, nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(time.Now()), nil },
	}
}

func (c *certificate) current(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.looked) >= lookEvery {
		c.looked = now
		c.refreshLocked()
	}
	return c.pair
}

func (c *certificate) refreshLocked() {
	stamp, err := c.stampNow()
	if err != nil || stamp == c.stamp || stamp == c.refused {
		return
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		c.refused = stamp
		c.log.Warn("the new certificate is unusable, keeping the previous one", zap.Error(err))
		return
	}
	c.pair, c.stamp = &pair, stamp
	c.log.Info("the certificate was renewed")
}

func (c *certificate) stampNow() (fileStamp, error) {
	cert, err := os.Stat(c.certFile)
	if err != nil {
		return fileStamp{}, err
	}
	key, err := os.Stat(c.keyFile)
	if err != nil {
		return fileStamp{}, err
	}
	return fileStamp{cert.ModTime(), key.ModTime(), cert.Size(), key.Size()}, nil
}
