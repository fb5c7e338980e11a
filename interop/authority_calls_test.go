package interop

import (
	"bytes"
	"math/big"
	"testing"
	"time"

	"v.io/v23/security"
	"v.io/v23/security/access"
	"v.io/v23/vdl"
	"v.io/v23/vom"
)

// callForger makes calls in which alice:user, blessed by alice under the caveats, shows discharges.
type callForger struct {
	*forger
	alice security.Blessings
	third security.Caveat                 // of the discharger, who is the stranger
	good  security.WireDischargePublicKey // what the discharger mints for it
}

func newCallForger(t *testing.T, keyType string) *callForger {
	f := &callForger{forger: newForger(t, keyType)}
	var err error
	if f.alice, err = goPrincipal(t, keyType, 0).BlessSelf("alice"); err != nil {
		t.Fatal(err)
	}
	f.third = f.thirdParty()
	f.good = f.minted(f.third, expiry(t, tomorrow))
	return f
}

func (f *callForger) thirdParty() security.Caveat {
	caveat, err := security.NewPublicKeyCaveat(goPrincipal(f.t, f.keyType, 2).PublicKey(), "d", security.ThirdPartyRequirements{}, security.UnconstrainedUse())
	if err != nil {
		f.t.Fatal(err)
	}
	return caveat
}

func (f *callForger) minted(caveat security.Caveat, conditions ...security.Caveat) security.WireDischargePublicKey {
	d, err := goPrincipal(f.t, f.keyType, 2).MintDischarge(caveat, conditions[0], conditions[1:]...)
	if err != nil {
		f.t.Fatal(err)
	}
	var wire security.WireDischarge
	if err := security.WireDischargeFromNative(&wire, d); err != nil {
		f.t.Fatal(err)
	}
	return wire.(security.WireDischargePublicKey)
}

// call is a good one but for the caveats and discharges.
func (f *callForger) call(caveats []security.Caveat, discharges ...security.WireDischarge) testCall {
	user, err := goPrincipal(f.t, f.keyType, 0).Bless(goPrincipal(f.t, f.keyType, 1).PublicKey(), f.alice, "user", caveats[0], caveats[1:]...)
	if err != nil {
		f.t.Fatal(err)
	}
	call := testCall{roots: []security.Blessings{f.alice}, blessings: user, at: noon, method: "Get", tags: []access.Tag{access.Read}}
	for _, wire := range discharges {
		var d security.Discharge
		if err := security.WireDischargeToNative(wire, &d); err != nil {
			f.t.Fatal(err)
		}
		call.discharges = append(call.discharges, d)
	}
	return call
}

// under is a call whose blessings have the caveats.
func under(caveats ...security.Caveat) func(*callForger) *testCall {
	return func(f *callForger) *testCall {
		call := f.call(caveats)
		return &call
	}
}

func with(caveat func(*callForger) security.Caveat, change func(*testCall)) func(*callForger) *testCall {
	return func(f *callForger) *testCall {
		call := f.call([]security.Caveat{caveat(f)})
		if change != nil {
			change(&call)
		}
		return &call
	}
}

// mutated shows the good discharge, changed.
func mutated(change func(f *callForger, d *security.PublicKeyDischarge)) func(*callForger) *testCall {
	return func(f *callForger) *testCall {
		d := f.good
		d.Value.Caveats = copyCaveats(d.Value.Caveats)
		d.Value.Signature = copySignature(d.Value.Signature)
		before, _ := vom.Encode(security.WireDischarge(d))
		change(f, &d.Value)
		if after, _ := vom.Encode(security.WireDischarge(d)); bytes.Equal(before, after) {
			return nil
		}
		call := f.call([]security.Caveat{f.third}, d)
		return &call
	}
}

func (f *callForger) signed(key interface{}, purpose string, d *security.PublicKeyDischarge) {
	var err error
	if d.Signature, err = signerOf(f.t, key).Sign([]byte(purpose), dischargeDigest(hashNamed(hashOf(f.t, f.stranger)), *d)); err != nil {
		f.t.Fatal(err)
	}
}

func raw(descriptor security.CaveatDescriptor, param interface{}, rest ...byte) security.Caveat {
	bytes, err := vom.Encode(param)
	if err != nil {
		panic(err)
	}
	return security.Caveat{Id: descriptor.Id, ParamVom: append(bytes, rest...)}
}

// lookalike is a tag that only looks like one of ours.
type lookalike string

const (
	converted = "Go converts parameters to the type that it wants; ours have to be of exactly that type, since what a caveat means must not hang on conversions"
	// Not asked: Go validates the discharge's caveat by the same discharge, without end, and the whole program dies of a full stack.
	goDiesOfIt = "Go dies of it"
	tailFree   = "Go's decoder stops behind the parameter and never looks at the rest"
)

type callMutation struct {
	name    string
	change  func(*callForger) *testCall
	goTakes string
	when    func(*forger) bool
}

func noonLater(by time.Duration) func(*testCall) {
	return func(call *testCall) { call.at = noon.Add(by) }
}

func always(caveat security.Caveat) func(*callForger) security.Caveat {
	return func(*callForger) security.Caveat { return caveat }
}

func callMutations(t *testing.T) []callMutation {
	must := func(caveat security.Caveat, err error) security.Caveat {
		if err != nil {
			t.Fatal(err)
		}
		return caveat
	}
	notBefore := must(security.NewNotBeforeCaveat(noon))
	readOnly := must(access.NewAccessTagCaveat(access.Read))
	return []callMutation{
		// Roots.
		{"root not recognized", with(always(security.UnconstrainedUse()), func(c *testCall) { c.roots = nil }), "", nil},
		{"another root of the same name", func(f *callForger) *testCall {
			call := f.call([]security.Caveat{security.UnconstrainedUse()})
			other, _ := goPrincipal(f.t, f.keyType, 2).BlessSelf("alice")
			call.roots = []security.Blessings{other}
			return &call
		}, "", nil},
		{"root recognized for another name", func(f *callForger) *testCall {
			call := f.call([]security.Caveat{security.UnconstrainedUse()})
			bob, _ := goPrincipal(f.t, f.keyType, 0).BlessSelf("bob")
			call.roots = []security.Blessings{bob}
			return &call
		}, "", nil},
		{"root recognized for a shorter spelling", func(f *callForger) *testCall {
			call := f.call([]security.Caveat{security.UnconstrainedUse()})
			other, _ := goPrincipal(f.t, f.keyType, 0).BlessSelf("alic")
			call.roots = []security.Blessings{other}
			return &call
		}, "", nil},
		{"root recognized for a longer name", func(f *callForger) *testCall {
			call := f.call([]security.Caveat{security.UnconstrainedUse()})
			other, _ := goPrincipal(f.t, f.keyType, 0).BlessSelf("alice:user:phone")
			call.roots = []security.Blessings{other}
			return &call
		}, "", nil},
		{"nameless", func(f *callForger) *testCall {
			call := f.call([]security.Caveat{security.UnconstrainedUse()})
			call.blessings, _ = security.NamelessBlessing(goPrincipal(f.t, f.keyType, 0).PublicKey())
			return &call
		}, "", nil},

		// Times.
		{"expired", with(always(expiry(t, noon)), noonLater(time.Nanosecond)), "", nil},
		{"expired long ago", with(always(expiry(t, time.Time{})), nil), "", nil},
		{"not yet valid", with(always(notBefore), noonLater(-time.Second)), "", nil},
		{"not yet valid, to the nanosecond", with(always(notBefore), nil), "", nil},
		{"expired and good method", under(methodCaveat(t, "Get"), expiry(t, yesterday)), "", nil},

		// Methods and tags.
		{"another method", with(always(methodCaveat(t, "Put")), nil), "", nil},
		{"a method of another case", with(always(methodCaveat(t, "get")), nil), "", nil},
		{"a reserved method", with(always(methodCaveat(t, "Get")), func(c *testCall) { c.method = "__Get" }), "", nil},
		{"no method", with(always(methodCaveat(t, "Get")), func(c *testCall) { c.method = "" }), "", nil},
		{"no method in the list", under(raw(security.MethodCaveat, []string{})), "", nil},
		{"another tag", with(always(readOnly), func(c *testCall) { c.tags = []access.Tag{access.Write} }), "", nil},
		{"no tag", with(always(readOnly), func(c *testCall) { c.tags = nil }), "", nil},
		{"another peer", under(raw(security.PeerBlessingsCaveat, []security.BlessingPattern{"bob"})), "", nil},

		// Caveats that make no sense.
		{"never", under(raw(security.ConstCaveat, false)), "", nil},
		{"an unknown caveat", under(security.Caveat{Id: [16]byte{0xaa}, ParamVom: security.UnconstrainedUse().ParamVom}), "", nil},
		{"no parameter", under(security.Caveat{Id: security.ConstCaveat.Id}), "", nil},
		{"a parameter that is no VOM", under(security.Caveat{Id: security.ConstCaveat.Id, ParamVom: []byte{0x81, 0xff, 0xff}}), "", nil},
		{"a parameter cut short", under(security.Caveat{Id: security.ExpiryCaveat.Id, ParamVom: expiry(t, tomorrow).ParamVom[:40]}), "", nil},
		{"a parameter of another type", under(raw(security.ExpiryCaveat, true)), "", nil},
		{"a parameter in any", under(raw(security.ConstCaveat, vdl.ZeroValue(vdl.AnyType))), "", nil},
		{"a parameter with a byte behind it", under(raw(security.ConstCaveat, true, 0)), tailFree, nil},
		{"a parameter of a similar type, bool", under(raw(security.ConstCaveat, namedBool(true))), converted, nil},
		{"a parameter of a similar type, list", under(raw(security.MethodCaveat, []security.BlessingPattern{"Get"})), converted, nil},
		{"a parameter of a similar type, set", under(raw(security.MethodCaveat, map[string]struct{}{"Get": {}})), "", nil},
		{"a parameter of a similar type, time", under(raw(security.ExpiryCaveat, similarTime{1 << 40, 0})), converted, nil},
		{"third party without a parameter", under(security.Caveat{Id: security.PublicKeyThirdPartyCaveat.Id}), "", nil},
		{"third party with a boolean", under(raw(security.PublicKeyThirdPartyCaveat, true)), "", nil},

		// Discharges.
		{"no discharge", func(f *callForger) *testCall { c := f.call([]security.Caveat{f.third}); return &c }, "", nil},
		{"an empty discharge", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third}, security.WireDischargePublicKey{})
			return &c
		}, "", nil},
		{"a discharge of another caveat", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third}, f.minted(f.thirdParty(), expiry(f.t, tomorrow)))
			return &c
		}, "", nil},
		{"a discharge of another caveat under this id", mutated(func(f *callForger, d *security.PublicKeyDischarge) {
			id := d.ThirdPartyCaveatId
			*d = f.minted(f.thirdParty(), expiry(f.t, tomorrow)).Value
			d.ThirdPartyCaveatId = id
		}), "", nil},
		{"a discharge under another id", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { d.ThirdPartyCaveatId += "=" }), "", nil},
		{"a discharge by the user", mutated(func(f *callForger, d *security.PublicKeyDischarge) { f.signed(f.user, "D1", d) }), "", nil},
		{"a discharge by the root", mutated(func(f *callForger, d *security.PublicKeyDischarge) { f.signed(f.root, "D1", d) }), "", nil},
		{"a discharge signed as a message", mutated(func(f *callForger, d *security.PublicKeyDischarge) { f.signed(f.stranger, "S1", d) }), "", nil},
		{"a discharge signed as a certificate", mutated(func(f *callForger, d *security.PublicKeyDischarge) { f.signed(f.stranger, "B1", d) }), "", nil},
		{"a discharge signed as a message, called a discharge", mutated(func(f *callForger, d *security.PublicKeyDischarge) {
			f.signed(f.stranger, "S1", d)
			d.Signature.Purpose = []byte("D1")
		}), "", nil},
		{"a discharge called a message", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { d.Signature.Purpose = []byte("S1") }), "", nil},
		{"a discharge without purpose", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { d.Signature.Purpose = nil }), "", nil},
		{"a discharge without signature", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { d.Signature = security.Signature{} }), "", nil},
		{"first bit of a discharge's signature", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { (*part(&d.Signature))[0] ^= 1 }), "", nil},
		{"last bit of a discharge's signature", mutated(func(_ *callForger, d *security.PublicKeyDischarge) {
			p := *part(&d.Signature)
			p[len(p)-1] ^= 1
		}), "", nil},
		{"a discharge's hash called SHA1", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { d.Signature.Hash = "SHA1" }), unknownHashIsSHA512, hasSHA512},
		{"a discharge's hash called something else", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { d.Signature.Hash = "best" }), unknownHashIsSHA512, hasSHA512},
		{"a second part, RSA", mutated(func(f *callForger, d *security.PublicKeyDischarge) {
			if !f.isRSA() {
				d.Signature.Rsa = []byte{1}
			}
		}), "Go's verifier looks at nothing but the part for the key", nil},
		{"R and the order", mutated(func(f *callForger, d *security.PublicKeyDischarge) {
			if f.isECDSA() {
				d.Signature.R = bigger(d.Signature.R, f.order())
			}
		}), "", nil},
		{"S is 0", mutated(func(f *callForger, d *security.PublicKeyDischarge) {
			if f.isECDSA() {
				d.Signature.S = new(big.Int).FillBytes(make([]byte, 32))
			}
		}), "", nil},
		{"a discharge's caveat stripped", mutated(func(_ *callForger, d *security.PublicKeyDischarge) { d.Caveats = nil }), "", nil},
		{"a discharge's caveat changed", mutated(func(f *callForger, d *security.PublicKeyDischarge) {
			d.Caveats = []security.Caveat{expiry(f.t, tomorrow.Add(1e9))}
		}), "", nil},
		{"a caveat added to a discharge", mutated(func(_ *callForger, d *security.PublicKeyDischarge) {
			d.Caveats = append(d.Caveats, security.UnconstrainedUse())
		}), "", nil},
		{"an expired discharge", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third}, f.minted(f.third, expiry(f.t, yesterday)))
			return &c
		}, "", nil},
		{"a discharge for another method", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third}, f.minted(f.third, methodCaveat(f.t, "Put")))
			return &c
		}, "", nil},
		{"a discharge with an unknown caveat", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third}, f.minted(f.third, security.Caveat{Id: [16]byte{7}, ParamVom: []byte{0x81}}))
			return &c
		}, "", nil},
		{"a discharge that needs a discharge", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third}, f.minted(f.third, f.thirdParty()))
			return &c
		}, "", nil},
		{"a discharge that needs itself", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third}, f.minted(f.third, expiry(f.t, yesterday), f.third))
			return &c
		}, goDiesOfIt, nil},
		{"a bad discharge before a good one", func(f *callForger) *testCall {
			bad := f.good
			bad.Value.Signature = copySignature(bad.Value.Signature)
			(*part(&bad.Value.Signature))[0] ^= 1
			c := f.call([]security.Caveat{f.third}, bad, f.good)
			return &c
		}, "", nil},
		{"one discharge for two caveats", func(f *callForger) *testCall {
			c := f.call([]security.Caveat{f.third, f.thirdParty()}, f.good)
			return &c
		}, "", nil},
	}
}

type namedBool bool

// similarTime has the fields of VDL's time.Time and another name.
type similarTime struct {
	Seconds int64
	Nanos   int32
}

// The name alice:user does not count in any mutated call, and does in the good one.
func TestMutatedCalls(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		f := newCallForger(t, keyType)
		good := f.call([]security.Caveat{f.third, methodCaveat(t, "Get"), expiry(t, noon)}, f.good)
		if got := wantSameNames(t, good); got != "alice:user|-" {
			t.Fatalf("the good call is refused: %s", got)
		}
		for _, m := range callMutations(t) {
			call := m.change(f)
			if call == nil {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				if m.goTakes == goDiesOfIt {
					if got := answer(t, append([]string{"names"}, call.words(t)...)...); got != "-|alice:user" {
						t.Errorf("we say %s", got)
					}
					return
				}
				valid, rejected := security.RemoteBlessingNames(rootContext(), call.goCall(t))
				got := answer(t, append([]string{"names"}, call.words(t)...)...)
				if len(got) < 2 || got[:2] != "-|" {
					t.Errorf("the name counts for us: %s", got)
				}
				goTakes := m.goTakes
				if m.when != nil && !m.when(f.forger) {
					goTakes = ""
				}
				if len(valid) > 0 != (goTakes != "") {
					t.Errorf("Go: valid %v, rejected %v, and this entry says %q", valid, rejected, goTakes)
				}
			})
		}
	})
}
