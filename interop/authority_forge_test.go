package interop

import (
	"bytes"
	gocontext "context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"testing"

	"v.io/v23/security"
)

var bg = gocontext.Background()

func signerOf(t *testing.T, key interface{}) security.Signer {
	t.Helper()
	var signer security.Signer
	var err error
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		signer, err = security.NewInMemoryECDSASigner(key)
	case ed25519.PrivateKey:
		signer, err = security.NewInMemoryED25519Signer(key)
	case *rsa.PrivateKey:
		signer, err = security.NewInMemoryRSASigner(key)
	default:
		t.Fatalf("no signer for %T", key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// The digests of docs/spec/security.md 3.3 and 4.2, so that forgers can sign what they like.

func sum(h crypto.Hash, parts ...[]byte) []byte {
	hash := h.New()
	for _, part := range parts {
		hash.Write(part)
	}
	return hash.Sum(nil)
}

func hashNamed(name security.Hash) crypto.Hash {
	switch name {
	case security.SHA256Hash:
		return crypto.SHA256
	case security.SHA384Hash:
		return crypto.SHA384
	}
	return crypto.SHA512
}

// hashOf is the hash that goes with a key.
func hashOf(t *testing.T, key interface{}) security.Hash {
	t.Helper()
	if key, ok := key.(*ecdsa.PrivateKey); ok {
		switch bits := key.Params().BitSize; {
		case bits <= 256:
			return security.SHA256Hash
		case bits <= 384:
			return security.SHA384Hash
		}
	}
	return security.SHA512Hash
}

func signatureDigest(h crypto.Hash, s security.Signature) []byte {
	parts := [][]byte{sum(h, []byte(s.Hash)), sum(h, s.Purpose)}
	switch {
	case len(s.R) > 0:
		parts = append(parts, sum(h, []byte("ECDSA")), sum(h, s.R), sum(h, s.S))
	case len(s.Ed25519) > 0:
		parts = append(parts, sum(h, []byte("ED25519")), sum(h, s.Ed25519))
	default:
		parts = append(parts, sum(h, []byte("RSA")), sum(h, s.Rsa))
	}
	return sum(h, parts...)
}

func caveatsDigests(h crypto.Hash, caveats []security.Caveat) []byte {
	var all []byte
	for _, caveat := range caveats {
		all = append(all, sum(h, sum(h, caveat.Id[:]), sum(h, caveat.ParamVom))...)
	}
	return all
}

func contentDigest(h crypto.Hash, c security.Certificate) []byte {
	parts := [][]byte{sum(h, c.PublicKey), sum(h, []byte(c.Extension)), caveatsDigests(h, c.Caveats)}
	if len(c.X509Raw) > 0 {
		parts = append(parts, sum(h, c.X509Raw))
	}
	return sum(h, parts...)
}

// chainDigest is that of all certificates, whose signatures are set.
func chainDigest(chain []security.Certificate) []byte {
	var digest []byte
	for _, c := range chain {
		h := hashNamed(c.Signature.Hash)
		own := sum(h, contentDigest(h, c), signatureDigest(h, c.Signature))
		if digest == nil {
			digest = own
		} else {
			digest = sum(h, sum(h, digest), own)
		}
	}
	return digest
}

// signedContent is the message under the signature of `last` behind `chain`, for the hash h.
func signedContent(h crypto.Hash, chain []security.Certificate, last security.Certificate) []byte {
	content := contentDigest(h, last)
	if len(chain) == 0 {
		return content
	}
	return sum(h, sum(h, chainDigest(chain)), content)
}

// forge signs the certificate behind the chain with any key and for any purpose.
func forge(t *testing.T, key interface{}, purpose string, chain []security.Certificate, c security.Certificate) security.Certificate {
	t.Helper()
	h := hashNamed(hashOf(t, key))
	var err error
	if c.Signature, err = signerOf(t, key).Sign([]byte(purpose), signedContent(h, chain, c)); err != nil {
		t.Fatal(err)
	}
	return c
}

func dischargeDigest(h crypto.Hash, d security.PublicKeyDischarge) []byte {
	return sum(h, sum(h, []byte(d.ThirdPartyCaveatId)), caveatsDigests(h, d.Caveats))
}

// copyWire makes a copy that can be changed without touching the original.
func copyWire(wire security.WireBlessings) security.WireBlessings {
	var out security.WireBlessings
	for _, chain := range wire.CertificateChains {
		var copied []security.Certificate
		for _, c := range chain {
			copied = append(copied, copyCertificate(c))
		}
		out.CertificateChains = append(out.CertificateChains, copied)
	}
	return out
}

func copyCertificate(c security.Certificate) security.Certificate {
	c.PublicKey = bytes.Clone(c.PublicKey)
	c.X509Raw = bytes.Clone(c.X509Raw)
	c.Caveats = copyCaveats(c.Caveats)
	c.Signature = copySignature(c.Signature)
	return c
}

func copyCaveats(caveats []security.Caveat) []security.Caveat {
	var out []security.Caveat
	for _, caveat := range caveats {
		caveat.ParamVom = bytes.Clone(caveat.ParamVom)
		out = append(out, caveat)
	}
	return out
}

func copySignature(s security.Signature) security.Signature {
	s.Purpose, s.R, s.S = bytes.Clone(s.Purpose), bytes.Clone(s.R), bytes.Clone(s.S)
	s.Ed25519, s.Rsa = bytes.Clone(s.Ed25519), bytes.Clone(s.Rsa)
	return s
}
