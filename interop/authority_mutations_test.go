package interop

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"v.io/v23/security"
	"v.io/v23/vom"
	seclib "v.io/x/ref/lib/security"
)

// forger has the keys of root, user and a stranger of one kind, and good blessings: root is alice and blesses user as
// alice:user, under caveats.
type forger struct {
	t                    *testing.T
	keyType              string
	root, user, stranger interface{}
	good                 security.WireBlessings
}

func newForger(t *testing.T, keyType string) *forger {
	f := &forger{t: t, keyType: keyType, root: goKey(t, keyType, 0), user: goKey(t, keyType, 1), stranger: goKey(t, keyType, 2)}
	alice := forge(t, f.root, "B1", nil, security.Certificate{Extension: "alice", PublicKey: f.der(f.root)})
	chain := []security.Certificate{alice}
	user := forge(t, f.root, "B1", chain, security.Certificate{Extension: "user", PublicKey: f.der(f.user), Caveats: []security.Caveat{methodCaveat(t, "Get", "Put"), expiry(t, tomorrow)}})
	f.good = security.WireBlessings{CertificateChains: [][]security.Certificate{append(chain, user)}}
	return f
}

func (f *forger) der(key interface{}) []byte {
	return mustMarshal(signerOf(f.t, key).PublicKey())
}
func (f *forger) isECDSA() bool   { return strings.HasPrefix(f.keyType, "ecdsa") }
func (f *forger) isRSA() bool     { return strings.HasPrefix(f.keyType, "rsa") }
func (f *forger) isEd25519() bool { return f.keyType == "ed25519" }
func (f *forger) order() *big.Int { return f.root.(*ecdsa.PrivateKey).Params().N }

// wire is a copy of the good blessings to change.
func (f *forger) wire() (security.WireBlessings, []security.Certificate) {
	wire := copyWire(f.good)
	return wire, wire.CertificateChains[0]
}

// edited changes a copy of the good chain in place.
func edited(change func(f *forger, chain []security.Certificate)) func(*forger) *security.WireBlessings {
	return func(f *forger) *security.WireBlessings {
		wire, chain := f.wire()
		change(f, chain)
		return &wire
	}
}

// chained makes a chain of certificates for whoever wants them.
func chained(make func(f *forger, chain []security.Certificate) [][]security.Certificate) func(*forger) *security.WireBlessings {
	return func(f *forger) *security.WireBlessings {
		_, chain := f.wire()
		chains := make(f, chain)
		if chains == nil {
			return nil
		}
		return &security.WireBlessings{CertificateChains: chains}
	}
}

// only leaves out the kinds of keys for which the change means nothing.
func only(applies func(*forger) bool, change func(*forger) *security.WireBlessings) func(*forger) *security.WireBlessings {
	return func(f *forger) *security.WireBlessings {
		if !applies(f) {
			return nil
		}
		return change(f)
	}
}

// resigned is the leaf, changed and signed again by the root: nothing but the change is wrong.
func resigned(change func(f *forger, leaf *security.Certificate)) func(*forger) *security.WireBlessings {
	return edited(func(f *forger, chain []security.Certificate) {
		change(f, &chain[1])
		chain[1] = forge(f.t, f.root, "B1", chain[:1], chain[1])
	})
}

// named is the leaf with another name, signed again by the root.
func named(extension string) func(*forger) *security.WireBlessings {
	return resigned(func(_ *forger, leaf *security.Certificate) { leaf.Extension = extension })
}

// keyed is the leaf with other bytes for its key, signed again by the root.
func keyed(applies func(*forger) bool, bytes func(f *forger, der []byte) []byte) func(*forger) *security.WireBlessings {
	return only(applies, resigned(func(f *forger, leaf *security.Certificate) { leaf.PublicKey = bytes(f, leaf.PublicKey) }))
}

func any_(*forger) bool { return true }

// part is the part of a signature that is in use.
func part(s *security.Signature) *[]byte {
	switch {
	case len(s.R) > 0:
		return &s.R
	case len(s.Ed25519) > 0:
		return &s.Ed25519
	}
	return &s.Rsa
}

// labelled is the leaf's signature with another hash label and nothing else changed.
func labelled(hash security.Hash) func(*forger) *security.WireBlessings {
	return func(f *forger) *security.WireBlessings {
		if hashOf(f.t, f.root) == hash {
			return nil
		}
		return edited(func(_ *forger, chain []security.Certificate) { chain[1].Signature.Hash = hash })(f)
	}
}

// hashed is the leaf signed again with a hash that is not the key's.
func hashed(hash security.Hash) func(*forger) *security.WireBlessings {
	return func(f *forger) *security.WireBlessings {
		if hashOf(f.t, f.root) == hash {
			return nil
		}
		return edited(func(f *forger, chain []security.Certificate) {
			h := hashNamed(hash)
			message := signedContent(h, chain[:1], chain[1])
			fields := bytes.Join([][]byte{sum(h, f.der(f.root)), sum(h, message), sum(h, []byte("B1"))}, nil)
			s := security.Signature{Purpose: []byte("B1"), Hash: hash}
			switch key := f.root.(type) {
			case *ecdsa.PrivateKey:
				r, ss, err := ecdsa.Sign(rand.Reader, key, sum(h, fields))
				if err != nil {
					f.t.Fatal(err)
				}
				s.R, s.S = r.Bytes(), ss.Bytes()
			case ed25519.PrivateKey:
				s.Ed25519 = ed25519.Sign(key, sum(h, fields))
			case *rsa.PrivateKey:
				var err error
				if s.Rsa, err = rsa.SignPKCS1v15(rand.Reader, key, h, sum(h, fields)); err != nil {
					f.t.Fatal(err)
				}
			}
			chain[1].Signature = s
		})(f)
	}
}

func bigger(bytes []byte, by *big.Int) []byte {
	return new(big.Int).Add(new(big.Int).SetBytes(bytes), by).Bytes()
}

// long is a good chain of this many certificates.
func (f *forger) long(certificates int) []security.Certificate {
	_, chain := f.wire()
	chain = chain[:1]
	for len(chain) < certificates {
		chain = append(chain, forge(f.t, f.root, "B1", chain, security.Certificate{Extension: "x", PublicKey: f.der(f.root)}))
	}
	return chain
}

// Why Go takes what we refuse.
const (
	lastSignatureIsFree = "Go's digests cover a signature only where another one follows, and its verifier looks at nothing but the part for the key"
	unknownHashIsSHA512 = "Go takes every label that it does not know for SHA-512, which is this key's hash"
	leadingZeros        = "Go reads R and S as numbers, so that one signature has many spellings"
	sameDigest          = "Go's digests of a caveat and of an X.509 certificate stand at the same place of the content, and it does not look at the latter but in roots"
	noBounds            = "Go has no bounds on blessings; ours are those of attack A-44"
	weakKeys            = "Go does not look at the size of RSA keys that it reads"
	smallCurve          = "Go still reads P-224; the specification leaves it open, and nothing makes such keys"
	restIgnored         = "Go's decoder stops behind the value and never looks at the rest"
	otherEncoding       = "Go's parser takes this spelling of the key; what is signed and compared are the bytes, so that one key would have several"
)

type mutation struct {
	name   string
	change func(*forger) *security.WireBlessings // null: means nothing for this kind of key
	// Why Go takes it, for which kinds of keys; nothing: Go refuses it too.
	goTakes string
	when    func(*forger) bool
}

func hasSHA512(f *forger) bool { return hashOf(f.t, f.root) == security.SHA512Hash }

var mutations = []mutation{
	// Bits.
	{"bit of the root's name", edited(func(_ *forger, c []security.Certificate) { c[0].Extension = "blice" }), "", nil},
	{"bit of the leaf's name", edited(func(_ *forger, c []security.Certificate) { c[1].Extension = "usez" }), "", nil},
	{"name grows", edited(func(_ *forger, c []security.Certificate) { c[1].Extension += "x" }), "", nil},
	{"bit of the root's key", edited(func(_ *forger, c []security.Certificate) { c[0].PublicKey[len(c[0].PublicKey)-1] ^= 1 }), "", nil},
	{"bit of the leaf's key", edited(func(_ *forger, c []security.Certificate) { c[1].PublicKey[len(c[1].PublicKey)-1] ^= 1 }), "", nil},
	{"bit of the algorithm of the leaf's key", edited(func(_ *forger, c []security.Certificate) { c[1].PublicKey[6] ^= 1 }), "", nil},
	{"bit of a caveat's id", edited(func(_ *forger, c []security.Certificate) { c[1].Caveats[0].Id[3] ^= 0x40 }), "", nil},
	{"first bit of a caveat's parameter", edited(func(_ *forger, c []security.Certificate) { c[1].Caveats[0].ParamVom[0] ^= 1 }), "", nil},
	{"last bit of a caveat's parameter", edited(func(_ *forger, c []security.Certificate) {
		p := c[1].Caveats[0].ParamVom
		p[len(p)-1] ^= 1
	}), "", nil},
	{"first bit of the leaf's signature", edited(func(_ *forger, c []security.Certificate) { (*part(&c[1].Signature))[0] ^= 1 }), "", nil},
	{"middle bit of the leaf's signature", edited(func(_ *forger, c []security.Certificate) {
		p := *part(&c[1].Signature)
		p[len(p)/2] ^= 16
	}), "", nil},
	{"last bit of the leaf's signature", edited(func(_ *forger, c []security.Certificate) {
		p := *part(&c[1].Signature)
		p[len(p)-1] ^= 1
	}), "", nil},
	{"first bit of the root's signature", edited(func(_ *forger, c []security.Certificate) { (*part(&c[0].Signature))[0] ^= 1 }), "", nil},
	{"last bit of the root's signature", edited(func(_ *forger, c []security.Certificate) {
		p := *part(&c[0].Signature)
		p[len(p)-1] ^= 1
	}), "", nil},
	{"bit of S", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.S[5] ^= 2 })), "", nil},

	// Who signed what.
	{"leaf signed by a stranger", edited(func(f *forger, c []security.Certificate) { c[1] = forge(f.t, f.stranger, "B1", c[:1], c[1]) }), "", nil},
	{"leaf signed by itself", edited(func(f *forger, c []security.Certificate) { c[1] = forge(f.t, f.user, "B1", c[:1], c[1]) }), "", nil},
	{"root signed by a stranger", edited(func(f *forger, c []security.Certificate) { c[0] = forge(f.t, f.stranger, "B1", nil, c[0]) }), "", nil},
	{"root signed by a stranger and the leaf by the root", edited(func(f *forger, c []security.Certificate) {
		c[0] = forge(f.t, f.stranger, "B1", nil, c[0])
		c[1] = forge(f.t, f.root, "B1", c[:1], c[1])
	}), "", nil},
	{"signatures swapped", edited(func(_ *forger, c []security.Certificate) {
		c[0].Signature, c[1].Signature = c[1].Signature, c[0].Signature
	}), "", nil},
	{"the root's signature on the leaf", edited(func(_ *forger, c []security.Certificate) { c[1].Signature = c[0].Signature }), "", nil},
	{"leaf signed as if it were a root", edited(func(f *forger, c []security.Certificate) { c[1] = forge(f.t, f.root, "B1", nil, c[1]) }), "", nil},
	{"leaf signed behind another certificate", edited(func(f *forger, c []security.Certificate) {
		c[1] = forge(f.t, f.root, "B1", []security.Certificate{c[0], c[0]}, c[1])
	}), "", nil},
	{"leaf under another root of the same name", edited(func(f *forger, c []security.Certificate) {
		c[0] = forge(f.t, f.stranger, "B1", nil, security.Certificate{Extension: "alice", PublicKey: f.der(f.stranger)})
	}), "", nil},
	{"leaf under another certificate of the same key", edited(func(f *forger, c []security.Certificate) {
		c[0] = forge(f.t, f.root, "B1", nil, security.Certificate{Extension: "admin", PublicKey: f.der(f.root)})
	}), "", nil},
	{"keys of root and leaf swapped", edited(func(_ *forger, c []security.Certificate) {
		c[0].PublicKey, c[1].PublicKey = c[1].PublicKey, c[0].PublicKey
	}), "", nil},
	{"the leaf's key replaced by a stranger's", edited(func(f *forger, c []security.Certificate) { c[1].PublicKey = f.der(f.stranger) }), "", nil},
	{"the leaf's key replaced by one of another kind", edited(func(f *forger, c []security.Certificate) {
		other := "ed25519"
		if f.isEd25519() {
			other = "ecdsa256"
		}
		c[1].PublicKey = f.der(goKey(f.t, other, 0))
	}), "", nil},

	// Purposes.
	{"leaf's purpose S1", edited(func(_ *forger, c []security.Certificate) { c[1].Signature.Purpose = []byte("S1") }), "", nil},
	{"leaf's purpose D1", edited(func(_ *forger, c []security.Certificate) { c[1].Signature.Purpose = []byte("D1") }), "", nil},
	{"leaf's purpose empty", edited(func(_ *forger, c []security.Certificate) { c[1].Signature.Purpose = nil }), "", nil},
	{"leaf's purpose b1", edited(func(_ *forger, c []security.Certificate) { c[1].Signature.Purpose = []byte("b1") }), "", nil},
	{"leaf's purpose longer", edited(func(_ *forger, c []security.Certificate) { c[1].Signature.Purpose = []byte("B1\x00") }), "", nil},
	{"root's purpose S1", edited(func(_ *forger, c []security.Certificate) { c[0].Signature.Purpose = []byte("S1") }), "", nil},
	{"leaf signed as a message", edited(func(f *forger, c []security.Certificate) { c[1] = forge(f.t, f.root, "S1", c[:1], c[1]) }), "", nil},
	{"leaf signed as a message, called a certificate", edited(func(f *forger, c []security.Certificate) {
		c[1] = forge(f.t, f.root, "S1", c[:1], c[1])
		c[1].Signature.Purpose = []byte("B1")
	}), "", nil},
	{"leaf signed as a discharge, called a certificate", edited(func(f *forger, c []security.Certificate) {
		c[1] = forge(f.t, f.root, "D1", c[:1], c[1])
		c[1].Signature.Purpose = []byte("B1")
	}), "", nil},
	{"root signed as a message and all above it right", edited(func(f *forger, c []security.Certificate) {
		c[0] = forge(f.t, f.root, "S1", nil, c[0])
		c[1] = forge(f.t, f.root, "B1", c[:1], c[1])
	}), "", nil},

	// Hash labels.
	{"hash called SHA256", labelled("SHA256"), "", nil},
	{"hash called SHA384", labelled("SHA384"), "", nil},
	{"hash called SHA512", labelled("SHA512"), "", nil},
	{"hash called SHA1", labelled("SHA1"), unknownHashIsSHA512, hasSHA512},
	{"hash called MD5", labelled("MD5"), unknownHashIsSHA512, hasSHA512},
	{"hash called sha512", labelled("sha512"), unknownHashIsSHA512, hasSHA512},
	{"hash without a name", labelled(""), unknownHashIsSHA512, hasSHA512},
	{"root's hash called SHA1", edited(func(_ *forger, c []security.Certificate) { c[0].Signature.Hash = "SHA1" }), "", nil},

	// Parts of signatures.
	{"leaf without signature", edited(func(_ *forger, c []security.Certificate) { c[1].Signature = security.Signature{} }), "", nil},
	{"leaf with an empty part", edited(func(_ *forger, c []security.Certificate) { *part(&c[1].Signature) = nil }), "", nil},
	{"root without signature", edited(func(_ *forger, c []security.Certificate) { c[0].Signature = security.Signature{} }), "", nil},
	{"a second part, Ed25519", only(func(f *forger) bool { return !f.isEd25519() }, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.Ed25519 = make([]byte, 64) })), lastSignatureIsFree, any_},
	{"a second part, RSA", only(func(f *forger) bool { return !f.isRSA() }, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.Rsa = make([]byte, 256) })), lastSignatureIsFree, any_},
	{"a second part, ECDSA", only(func(f *forger) bool { return !f.isECDSA() }, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.R, c[1].Signature.S = []byte{1}, []byte{1} })), lastSignatureIsFree, any_},
	{"a second part on the root's signature, RSA", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) { c[0].Signature.Rsa = []byte{1} })), "Go's digest of an ECDSA signature covers R and S only", any_},
	{"S alone beside another part", only(func(f *forger) bool { return !f.isECDSA() }, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.S = []byte{1} })), lastSignatureIsFree, any_},
	{"part in the place of RSA", only(func(f *forger) bool { return !f.isRSA() }, edited(func(_ *forger, c []security.Certificate) {
		p := part(&c[1].Signature)
		c[1].Signature.Rsa, *p = *p, nil
	})), "", nil},
	{"part in the place of Ed25519", only(func(f *forger) bool { return !f.isEd25519() }, edited(func(_ *forger, c []security.Certificate) {
		p := part(&c[1].Signature)
		c[1].Signature.Ed25519, *p = *p, nil
	})), "", nil},
	{"part cut by a byte", edited(func(_ *forger, c []security.Certificate) {
		p := part(&c[1].Signature)
		*p = (*p)[:len(*p)-1]
	}), "", nil},
	{"part longer by a byte", edited(func(_ *forger, c []security.Certificate) {
		p := part(&c[1].Signature)
		*p = append(*p, 0)
	}), "", nil},
	{"part all zero", edited(func(_ *forger, c []security.Certificate) {
		p := part(&c[1].Signature)
		*p = make([]byte, len(*p))
	}), "", nil},
	{"R is 0", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.R = []byte{0} })), "", nil},
	{"S is 0", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.S = []byte{0} })), "", nil},
	{"S is empty", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.S = nil })), "", nil},
	{"R and S swapped", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) {
		c[1].Signature.R, c[1].Signature.S = c[1].Signature.S, c[1].Signature.R
	})), "", nil},
	{"R is the order", only((*forger).isECDSA, edited(func(f *forger, c []security.Certificate) { c[1].Signature.R = f.order().Bytes() })), "", nil},
	{"R and the order", only((*forger).isECDSA, edited(func(f *forger, c []security.Certificate) { c[1].Signature.R = bigger(c[1].Signature.R, f.order()) })), "", nil},
	{"S and the order", only((*forger).isECDSA, edited(func(f *forger, c []security.Certificate) { c[1].Signature.S = bigger(c[1].Signature.S, f.order()) })), "", nil},
	{"R is huge", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.R = bytes.Repeat([]byte{255}, 5000) })), "", nil},
	{"R with a leading zero", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) { c[1].Signature.R = append([]byte{0}, c[1].Signature.R...) })), leadingZeros, any_},
	{"S with leading zeros", only((*forger).isECDSA, edited(func(_ *forger, c []security.Certificate) {
		c[1].Signature.S = append([]byte{0, 0}, c[1].Signature.S...)
	})), leadingZeros, any_},
	{"the root's S replaced by the other one that verifies", only((*forger).isECDSA, edited(func(f *forger, c []security.Certificate) {
		c[0].Signature.S = new(big.Int).Sub(f.order(), new(big.Int).SetBytes(c[0].Signature.S)).Bytes()
	})), "", nil},
	{"Ed25519 with S and the order", only((*forger).isEd25519, edited(func(_ *forger, c []security.Certificate) {
		order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
		half := reversed(c[1].Signature.Ed25519[32:])
		copy(c[1].Signature.Ed25519[32:], reversed(new(big.Int).Add(new(big.Int).SetBytes(half), order).FillBytes(make([]byte, 32))))
	})), "", nil},
	{"RSA signature and the modulus", only((*forger).isRSA, edited(func(f *forger, c []security.Certificate) {
		c[1].Signature.Rsa = bigger(c[1].Signature.Rsa, f.root.(*rsa.PrivateKey).N)
	})), "", nil},
	{"RSA signature with a leading zero", only((*forger).isRSA, edited(func(_ *forger, c []security.Certificate) {
		c[1].Signature.Rsa = append([]byte{0}, c[1].Signature.Rsa...)
	})), "", nil},

	// Keys, in certificates that are otherwise signed as they should be.
	{"no key", keyed(any_, func(*forger, []byte) []byte { return nil }), "", nil},
	{"key with a byte behind it", keyed(any_, func(_ *forger, der []byte) []byte { return append(der, 0) }), "", nil},
	{"key cut by a byte", keyed(any_, func(_ *forger, der []byte) []byte { return der[:len(der)-1] }), "", nil},
	{"key as text", keyed(any_, func(_ *forger, der []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(der)) }), "", nil},
	{"key with the length in long form", keyed(func(f *forger) bool { return f.der(f.user)[1] < 0x80 }, func(_ *forger, der []byte) []byte {
		return append([]byte{der[0], 0x81, der[1]}, der[2:]...)
	}), "", nil},
	{"key with a length of indefinite form", keyed(any_, func(_ *forger, der []byte) []byte {
		var outer asn1.RawValue
		asn1.Unmarshal(der, &outer)
		return append(append([]byte{der[0], 0x80}, outer.Bytes...), 0, 0)
	}), "", nil},
	{"point compressed", keyed((*forger).isECDSA, func(f *forger, _ []byte) []byte {
		k := f.user.(*ecdsa.PrivateKey)
		return withPoint(k.Curve, elliptic.MarshalCompressed(k.Curve, k.X, k.Y))
	}), "", nil},
	{"point in hybrid form", keyed((*forger).isECDSA, func(f *forger, _ []byte) []byte {
		k := f.user.(*ecdsa.PrivateKey)
		point := elliptic.Marshal(k.Curve, k.X, k.Y) //nolint:staticcheck
		point[0] = 6 + byte(k.Y.Bit(0))
		return withPoint(k.Curve, point)
	}), "", nil},
	{"point off the curve", keyed((*forger).isECDSA, func(_ *forger, der []byte) []byte {
		der[len(der)-1] ^= 1
		return der
	}), "", nil},
	{"point at infinity", keyed((*forger).isECDSA, func(f *forger, _ []byte) []byte { return withPoint(f.user.(*ecdsa.PrivateKey).Curve, []byte{0}) }), "", nil},
	{"point of zeros", keyed((*forger).isECDSA, func(f *forger, _ []byte) []byte {
		curve := f.user.(*ecdsa.PrivateKey).Curve
		return withPoint(curve, append([]byte{4}, make([]byte, (curve.Params().BitSize+7)/8*2)...))
	}), "", nil},
	{"point on another curve", keyed(func(f *forger) bool { return f.keyType == "ecdsa256" || f.keyType == "ecdsa384" }, func(f *forger, _ []byte) []byte {
		k := f.user.(*ecdsa.PrivateKey)
		return withPoint(elliptic.P521(), elliptic.Marshal(k.Curve, k.X, k.Y)) //nolint:staticcheck
	}), "", nil},
	{"curve without a name", keyed((*forger).isECDSA, func(_ *forger, der []byte) []byte {
		return bytes.Replace(der, []byte{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}, []byte{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x02}, 1)
	}), "", nil},
	{"key of P-224", keyed(any_, func(f *forger, _ []byte) []byte {
		k, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
		if err != nil {
			f.t.Fatal(err)
		}
		return spki(f.t, &k.PublicKey)
	}), smallCurve, any_},
	{"key of RSA with 1024 bits", keyed(any_, func(f *forger, _ []byte) []byte {
		n, _ := new(big.Int).SetString(strings.Repeat("c7", 127)+"01", 16)
		return spki(f.t, &rsa.PublicKey{N: n, E: 65537})
	}), weakKeys, any_},
	{"key of RSA without the parameters NULL", keyed((*forger).isRSA, func(_ *forger, der []byte) []byte { return withoutNull(der) }), "", nil},
	{"key of Ed25519 with parameters", keyed((*forger).isEd25519, func(_ *forger, der []byte) []byte {
		return append([]byte{0x30, 0x2c, 0x30, 0x07, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00}, der[9:]...)
	}), "", nil},
	{"key of Ed25519 with 31 bytes", keyed((*forger).isEd25519, func(_ *forger, der []byte) []byte {
		return append([]byte{0x30, 0x29, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x20, 0x00}, der[13:]...)
	}), "", nil},
	{"key of X25519", keyed((*forger).isEd25519, func(_ *forger, der []byte) []byte {
		der[8] = 0x6e
		return der
	}), "", nil},

	// Names, signed as they should be.
	{"empty name", named(""), "", nil},
	{"name is a separator", named(":"), "", nil},
	{"name begins with a separator", named(":a"), "", nil},
	{"name ends with a separator", named("a:"), "", nil},
	{"name with two separators", named("a::b"), "", nil},
	{"name is the end of a pattern", named("$"), "", nil},
	{"name is everybody", named("..."), "", nil},
	{"name holds dots", named("a...b"), "", nil},
	{"name holds a comma", named("a,b"), "", nil},
	{"name holds @@", named("a@@b"), "", nil},
	{"name holds (", named("a(b"), "", nil},
	{"name holds )", named("a)b"), "", nil},
	{"name holds <", named("a<b"), "", nil},
	{"name holds >", named("a>b"), "", nil},
	{"name holds /", named("a/b"), "", nil},
	{"root's name is bad", edited(func(f *forger, c []security.Certificate) {
		c[0] = forge(f.t, f.root, "B1", nil, security.Certificate{Extension: "a/b", PublicKey: f.der(f.root)})
		c[1] = forge(f.t, f.root, "B1", c[:1], c[1])
	}), "", nil},

	// Caveats.
	{"first caveat stripped", edited(func(_ *forger, c []security.Certificate) { c[1].Caveats = c[1].Caveats[1:] }), "", nil},
	{"last caveat stripped", edited(func(_ *forger, c []security.Certificate) { c[1].Caveats = c[1].Caveats[:1] }), "", nil},
	{"all caveats stripped", edited(func(_ *forger, c []security.Certificate) { c[1].Caveats = nil }), "", nil},
	{"caveats swapped", edited(func(_ *forger, c []security.Certificate) {
		c[1].Caveats[0], c[1].Caveats[1] = c[1].Caveats[1], c[1].Caveats[0]
	}), "", nil},
	{"caveat twice", edited(func(_ *forger, c []security.Certificate) { c[1].Caveats = append(c[1].Caveats, c[1].Caveats[0]) }), "", nil},
	{"caveat added", edited(func(_ *forger, c []security.Certificate) {
		c[1].Caveats = append(c[1].Caveats, security.UnconstrainedUse())
	}), "", nil},
	{"caveat added to the root", edited(func(_ *forger, c []security.Certificate) {
		c[0].Caveats = []security.Caveat{security.UnconstrainedUse()}
	}), "", nil},
	{"caveat replaced by one that expires later", edited(func(f *forger, c []security.Certificate) { c[1].Caveats[1] = expiry(f.t, tomorrow.Add(1e9)) }), "", nil},
	{"method added to the list", edited(func(f *forger, c []security.Certificate) { c[1].Caveats[0] = methodCaveat(f.t, "Get", "Put", "Delete") }), "", nil},
	{"caveat moved to the root", edited(func(_ *forger, c []security.Certificate) {
		c[0].Caveats, c[1].Caveats = c[1].Caveats[:1], c[1].Caveats[1:]
	}), "", nil},
	{"a byte moved from the name to the key", edited(func(_ *forger, c []security.Certificate) {
		c[1].PublicKey = append(c[1].PublicKey, c[1].Extension[0])
		c[1].Extension = c[1].Extension[1:]
	}), "", nil},
	{"a byte moved from id to parameter", edited(func(_ *forger, c []security.Certificate) {
		caveat := &c[1].Caveats[0]
		caveat.ParamVom = append([]byte{caveat.Id[15]}, caveat.ParamVom...)
		caveat.Id[15] = 0
	}), "", nil},
	{"a caveat's digest as the X.509 field", edited(func(_ *forger, c []security.Certificate) {
		c[1].X509Raw = append(append([]byte{}, c[1].Caveats[1].Id[:]...), c[1].Caveats[1].ParamVom...)
		c[1].Caveats = c[1].Caveats[:1]
	}), "", nil},
	{"the last caveat made into an X.509 certificate with the same digest", edited(func(f *forger, c []security.Certificate) {
		for _, part := range [][]byte{c[1].Caveats[1].Id[:], c[1].Caveats[1].ParamVom} {
			h := hashNamed(c[1].Signature.Hash).New()
			h.Write(part)
			c[1].X509Raw = h.Sum(c[1].X509Raw)
		}
		c[1].Caveats = c[1].Caveats[:1]
	}), sameDigest, nil},
	{"an X.509 certificate added", edited(func(_ *forger, c []security.Certificate) { c[0].X509Raw = []byte{0x30, 0x00} }), "", nil},

	// Structure.
	{"root left out", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{c[1:]}
	}), "", nil},
	{"reversed", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{c[1], c[0]}}
	}), "", nil},
	{"root twice", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{c[0], c[0], c[1]}}
	}), "", nil},
	{"leaf twice", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{c[0], c[1], c[1]}}
	}), "", nil},
	{"middle left out", chained(func(f *forger, c []security.Certificate) [][]security.Certificate {
		third := forge(f.t, f.user, "B1", c, security.Certificate{Extension: "phone", PublicKey: f.der(f.stranger)})
		return [][]security.Certificate{{c[0], third}}
	}), "", nil},
	{"middle replaced by one with fewer caveats", chained(func(f *forger, c []security.Certificate) [][]security.Certificate {
		third := forge(f.t, f.user, "B1", c, security.Certificate{Extension: "phone", PublicKey: f.der(f.stranger)})
		middle := forge(f.t, f.root, "B1", c[:1], security.Certificate{Extension: "user", PublicKey: f.der(f.user)})
		return [][]security.Certificate{{c[0], middle, third}}
	}), "", nil},
	{"an empty chain", chained(func(*forger, []security.Certificate) [][]security.Certificate { return [][]security.Certificate{{}} }), "", nil},
	{"an empty chain behind a good one", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{c, {}}
	}), "", nil},
	{"an empty chain before a good one", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{}, c}
	}), "", nil},
	{"chains for different keys", chained(func(f *forger, c []security.Certificate) [][]security.Certificate {
		other := forge(f.t, f.root, "B1", c[:1], security.Certificate{Extension: "user", PublicKey: f.der(f.stranger)})
		return [][]security.Certificate{c, {c[0], other}}
	}), "", nil},
	{"a bad chain behind a good one", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		bad := copyCertificate(c[1])
		bad.Extension = "admin"
		return [][]security.Certificate{c, {c[0], bad}}
	}), "", nil},
	{"an empty certificate", chained(func(*forger, []security.Certificate) [][]security.Certificate { return [][]security.Certificate{{{}}} }), "", nil},
	{"an empty certificate behind a good one", chained(func(_ *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{c[0], {}}}
	}), "", nil},
	{"nameless with a name", chained(func(f *forger, _ []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{{Extension: "alice", PublicKey: f.der(f.user)}}}
	}), "", nil},
	{"nameless with a caveat", chained(func(f *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{{PublicKey: f.der(f.user), Caveats: c[1].Caveats}}}
	}), "", nil},
	{"nameless with a purpose", chained(func(f *forger, _ []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{{PublicKey: f.der(f.user), Signature: security.Signature{Purpose: []byte("B1")}}}}
	}), "", nil},
	{"nameless of two certificates", chained(func(f *forger, _ []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{{PublicKey: f.der(f.user)}, {PublicKey: f.der(f.user)}}}
	}), "", nil},
	{"nameless twice", chained(func(f *forger, _ []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{{PublicKey: f.der(f.user)}}, {{PublicKey: f.der(f.user)}}}
	}), "", nil},
	{"nameless beside a name", chained(func(f *forger, c []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{c, {{PublicKey: f.der(f.user)}}}
	}), "", nil},
	{"nameless with a bad key", chained(func(f *forger, _ []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{{{PublicKey: append(f.der(f.user), 1)}}}
	}), "", nil},
	{"65 certificates in a chain", chained(func(f *forger, _ []security.Certificate) [][]security.Certificate {
		return [][]security.Certificate{f.long(65)}
	}), noBounds, any_},
	{"65 chains", chained(func(f *forger, c []security.Certificate) [][]security.Certificate {
		var chains [][]security.Certificate
		for len(chains) < 65 {
			chains = append(chains, c)
		}
		return chains
	}), noBounds, any_},
	{"1025 caveats", resigned(func(_ *forger, leaf *security.Certificate) {
		for len(leaf.Caveats) < 1025 {
			leaf.Caveats = append(leaf.Caveats, security.UnconstrainedUse())
		}
	}), noBounds, any_},
	{"a name of a mebibyte", named(strings.Repeat("x", 1<<20)), noBounds, any_},
}

func reversed(in []byte) []byte {
	var out []byte
	for i := range in {
		out = append(out, in[len(in)-1-i])
	}
	return out
}

func spki(t *testing.T, key interface{}) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

type publicKeyInfo struct {
	Algorithm struct {
		Id     asn1.ObjectIdentifier
		Params asn1.RawValue `asn1:"optional"`
	}
	Key asn1.BitString
}

// withPoint is the key of a curve with any bytes for its point.
func withPoint(curve elliptic.Curve, point []byte) []byte {
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		panic(err)
	}
	var info publicKeyInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		panic(err)
	}
	info.Key = asn1.BitString{Bytes: point, BitLength: 8 * len(point)}
	if der, err = asn1.Marshal(info); err != nil {
		panic(err)
	}
	return der
}

func withoutNull(der []byte) []byte {
	var info publicKeyInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		panic(err)
	}
	info.Algorithm.Params = asn1.RawValue{}
	out, err := asn1.Marshal(info)
	if err != nil {
		panic(err)
	}
	return out
}

// wantVerdict checks that we refuse, and that Go does what the entry says.
func wantVerdict(t *testing.T, got string, goErr error, goTakes string) {
	t.Helper()
	if !refused(got) {
		t.Errorf("we take it: %.200s (Go says %v)", got, goErr)
	}
	if goTakes == "" && goErr == nil {
		t.Errorf("Go takes it, and nothing here says why; we say %s", got)
	}
	if goTakes != "" && goErr != nil {
		t.Errorf("Go refuses it too: %v", goErr)
	}
}

// A signature names its hash, and either side computes with that, whichever hash goes with the key.
func TestHashesOfOtherKeys(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		f := newForger(t, keyType)
		for _, hash := range []security.Hash{"SHA256", "SHA384", "SHA512"} {
			if wire := hashed(hash)(f); wire != nil {
				t.Run(string(hash), func(t *testing.T) {
					wantTold(t, must(t, "told", wireText(t, *wire)), blessingsOf(t, wireText(t, *wire)))
				})
			}
		}
	})
}

// We refuse every mutation of good blessings.
func TestMutatedBlessings(t *testing.T) {
	if len(mutations) < 100 {
		t.Errorf("only %d mutations", len(mutations))
	}
	forEachKeyType(t, func(t *testing.T, keyType string) {
		f := newForger(t, keyType)
		wantTold(t, must(t, "told", wireText(t, f.good)), blessingsOf(t, wireText(t, f.good)))
		for _, m := range mutations {
			wire := m.change(f)
			if wire == nil {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				text := wireText(t, *wire)
				_, goErr := seclib.DecodeBlessingsBase64(text)
				goTakes := m.goTakes
				if m.when != nil && !m.when(f) {
					goTakes = ""
				}
				wantVerdict(t, answer(t, "told", text), goErr, goTakes)
			})
		}
		bytes, err := vom.Encode(f.good)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []struct {
			name    string
			text    string
			goTakes string
		}{
			{"cut by a byte", base64.URLEncoding.EncodeToString(bytes[:len(bytes)-1]), ""},
			{"cut in the middle", base64.URLEncoding.EncodeToString(bytes[:len(bytes)/2]), ""},
			{"a byte behind the value", base64.URLEncoding.EncodeToString(append(bytes[:len(bytes):len(bytes)], 0)), restIgnored},
			{"no VOM", base64.URLEncoding.EncodeToString([]byte("alice:user")), ""},
			{"another version of VOM", base64.URLEncoding.EncodeToString(append([]byte{0x83}, bytes[1:]...)), ""},
			{"another type", base64.URLEncoding.EncodeToString([]byte{0x81, 0x02, 0x01}), ""},
			{"no base64", "????", ""},
			{"padding left out", strings.TrimRight(base64.URLEncoding.EncodeToString(append(bytes[:len(bytes):len(bytes)], make([]byte, 1+len(bytes)%3/2)...)), "="), ""},
		} {
			t.Run("text: "+m.name, func(t *testing.T) {
				_, goErr := seclib.DecodeBlessingsBase64(m.text)
				wantVerdict(t, answer(t, "told", m.text), goErr, m.goTakes)
			})
		}
	})
	t.Log(fmt.Sprint(len(mutations), " mutations of blessings"))
}
