package viewer

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"hash"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
)

const (
	alertWarning     = 1
	alertFatal       = 2
	alertCloseNotify = 0

	explicitNonce = 8  // bytes before the sealed part (RFC 5288 §3)
	recordTag     = 16 // bytes after it
)

// goodbyes is what is left of DTLS after the handshake: the keys of its
// records, so that an authentic alert can be told from a forged one and ours
// can be made, at once and without a connection that waits for them.
type goodbyes struct {
	client, server recordKey
	next           uint64 // number of our next record
}

// recordKey is one direction of AES-GCM (RFC 5288): 16 or 32 bytes of key.
type recordKey struct {
	key  [32]byte
	size uint8
	iv   [4]byte
}

// remains is the part of dtls.State that the keys come from; gob leaves the
// rest of its serialised form out.
type remains struct {
	CipherSuiteID uint16
	MasterSecret  []byte
	LocalRandom   [32]byte
	RemoteRandom  [32]byte
}

var errSuite = errors.New("viewer: a cipher suite that was not offered")

// newGoodbyes derives the record keys (RFC 5246 §6.3) of a handshake in which
// we were the server. next is the first record number that was never used.
func newGoodbyes(state *dtls.State, next uint64) (goodbyes, error) {
	state.PeerCertificates = nil
	raw, err := state.MarshalBinary()
	if err != nil {
		return goodbyes{}, err
	}
	var r remains
	if err := gob.NewDecoder(bytes.NewReader(raw)).Decode(&r); err != nil {
		return goodbyes{}, err
	}
	size, sum, err := suite(dtls.CipherSuiteID(r.CipherSuiteID))
	if err != nil {
		return goodbyes{}, err
	}
	keys, err := prf.GenerateEncryptionKeys(r.MasterSecret, r.RemoteRandom[:], r.LocalRandom[:], 0, size, 4, sum)
	if err != nil {
		return goodbyes{}, err
	}
	return goodbyes{
		client: newRecordKey(keys.ClientWriteKey, keys.ClientWriteIV),
		server: newRecordKey(keys.ServerWriteKey, keys.ServerWriteIV), next: next,
	}, nil
}

// suites are those we take: what every WebRTC client has.
var suites = []dtls.CipherSuiteID{
	dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
}

func suite(id dtls.CipherSuiteID) (keySize int, sum func() hash.Hash, err error) {
	switch id {
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:
		return 16, sha256.New, nil
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:
		return 32, sha512.New384, nil
	default:
		return 0, nil, errSuite
	}
}

func newRecordKey(key, iv []byte) (k recordKey) {
	k.size = uint8(copy(k.key[:], key))
	copy(k.iv[:], iv)
	return k
}

// aead is made when it is needed: once in the life of most sessions.
func (k *recordKey) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.key[:k.size])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (k *recordKey) nonce(explicit []byte) []byte {
	return append(k.iv[:len(k.iv):len(k.iv)], explicit...)
}

// recordData is what authenticates a record besides its content (RFC 5246
// §6.2.3.3): its number and head, with the length of the content.
func recordData(r []byte, length int) []byte {
	data := append([]byte(nil), r[3:11]...) // epoch and number
	data = append(data, r[:3]...)           // kind and version
	return binary.BigEndian.AppendUint16(data, uint16(length))
}

// ends tells whether an alert record of the client is authentic, and whether
// it ends the session: close_notify, or anything fatal (RFC 5246 §7.2).
func (g *goodbyes) ends(r record) (authentic, ends bool) {
	length := len(r.raw) - recordHeader - explicitNonce - recordTag
	if length < 2 {
		return false, false
	}
	aead, err := g.client.aead()
	if err != nil {
		return false, false
	}
	nonce := g.client.nonce(r.raw[recordHeader : recordHeader+explicitNonce])
	alert, err := aead.Open(nil, nonce, r.raw[recordHeader+explicitNonce:], recordData(r.raw, length))
	if err != nil {
		return false, false
	}
	return true, alert[0] == alertFatal || alert[1] == alertCloseNotify
}

// say makes our own close_notify, once: the number of the record is its nonce.
func (g *goodbyes) say() ([]byte, error) {
	aead, err := g.server.aead()
	if err != nil {
		return nil, err
	}
	const length = 2
	b := []byte{recordAlert, 0xfe, 0xfd}
	b = binary.BigEndian.AppendUint64(b, 1<<48|g.next)
	g.next++
	b = binary.BigEndian.AppendUint16(b, explicitNonce+length+recordTag)
	data := recordData(b, length)
	b = append(b, b[3:11]...)
	return aead.Seal(b, g.server.nonce(b[3:11]), []byte{alertWarning, alertCloseNotify}, data), nil
}
