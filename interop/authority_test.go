package interop

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"v.io/v23/security"
	"v.io/v23/security/access"
	"v.io/v23/vdl"
)

// wantTold compares what we tell about blessings with what Go thinks.
func wantTold(t *testing.T, got string, want security.Blessings) {
	t.Helper()
	parts := strings.Split(got, "|")
	if refused(got) || len(parts) != 4 {
		t.Fatalf("we answer %.300s", got)
	}
	if parts[0] != want.String() {
		t.Errorf("names: got %s, want %v", parts[0], want)
	}
	if parts[1] != derHex(t, want.PublicKey()) {
		t.Errorf("key: got %s, want %s", parts[1], derHex(t, want.PublicKey()))
	}
	if parts[2] != hex.EncodeToString(want.UniqueID()) {
		t.Errorf("unique id: got %s, want %x", parts[2], want.UniqueID())
	}
	if again := blessingsOf(t, parts[3]); !reflect.DeepEqual(security.MarshalBlessings(again), security.MarshalBlessings(want)) {
		t.Errorf("we write %v, which is not %v", again, want)
	}
}

// Blessings made by one side are read by the other, also chains to which both added certificates.
func TestBlessings(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		gopher := goPrincipal(t, keyType, 0)
		theirs, err := gopher.BlessSelf("gopher", expiry(t, tomorrow))
		if err != nil {
			t.Fatal(err)
		}
		ourKey := must(t, "make", "niobium-"+keyType, keyType)
		ourBytes, _ := hex.DecodeString(ourKey)
		parsed, err := security.UnmarshalPublicKey(ourBytes)
		if err != nil {
			t.Fatalf("Go refuses our key: %v", err)
		}
		ours := must(t, "bless-self", "niobium-"+keyType, "niobium", caveatList(t, expiry(t, tomorrow), methodCaveat(t, "Get", "Put")))

		t.Run("Go's self-blessed", func(t *testing.T) { wantTold(t, must(t, "told", textOf(t, theirs)), theirs) })
		t.Run("our self-blessed", func(t *testing.T) {
			wantTold(t, must(t, "told", ours), blessingsOf(t, ours))
			if got := blessingsOf(t, ours); derHex(t, got.PublicKey()) != ourKey {
				t.Errorf("another key: %v", got.PublicKey())
			}
		})
		t.Run("nameless", func(t *testing.T) {
			nameless, err := security.NamelessBlessing(gopher.PublicKey())
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Split(must(t, "told", textOf(t, nameless)), "|")
			if got[0] != "-" || got[1] != derHex(t, gopher.PublicKey()) || got[2] != hex.EncodeToString(nameless.UniqueID()) {
				t.Errorf("got %q, want %x", got, nameless.UniqueID())
			}
		})
		// Go blesses our key, and we extend that for every kind of key of Go's.
		blessed, err := gopher.Bless(parsed, theirs, "friend", methodCaveat(t, "Get"), expiry(t, tomorrow))
		if err != nil {
			t.Fatal(err)
		}
		t.Run("Go's for us", func(t *testing.T) { wantTold(t, must(t, "told", textOf(t, blessed)), blessed) })
		for i, other := range keyTypes {
			t.Run("our extension of Go's for "+other.name, func(t *testing.T) {
				third := goPrincipal(t, other.name, 1)
				text := must(t, "bless", "niobium-"+keyType, textOf(t, blessed), derHex(t, third.PublicKey()), fmt.Sprint("phone", i), caveatList(t, methodCaveat(t, "Get"), expiry(t, tomorrow)))
				got := blessingsOf(t, text)
				if want := fmt.Sprint("gopher:friend:phone", i); got.String() != want {
					t.Errorf("got %v, want %s", got, want)
				}
				wantTold(t, must(t, "told", text), got)
				last := security.MarshalBlessings(got).CertificateChains[0][2]
				// Ours end in one that nobody gains by losing: docs/spec/security.md 16, 24.
				if !reflect.DeepEqual(last.Caveats, []security.Caveat{expiry(t, tomorrow), methodCaveat(t, "Get"), security.UnconstrainedUse()}) {
					t.Errorf("the order of caveats differs from Go's: %v", last.Caveats)
				}
				// And Go once more.
				fourth, err := third.Bless(gopher.PublicKey(), got, "back", security.UnconstrainedUse())
				if err != nil {
					t.Fatal(err)
				}
				wantTold(t, must(t, "told", textOf(t, fourth)), fourth)
			})
		}
		t.Run("union", func(t *testing.T) {
			other, err := gopher.Bless(parsed, theirs, "another:one", security.UnconstrainedUse())
			if err != nil {
				t.Fatal(err)
			}
			own := blessingsOf(t, ours)
			for _, order := range [][]security.Blessings{{blessed, other, own}, {own, other, blessed}, {other, blessed, own}} {
				want, err := security.UnionOfBlessings(order...)
				if err != nil {
					t.Fatal(err)
				}
				wantTold(t, must(t, "union", textOf(t, order[0]), textOf(t, order[1]), textOf(t, order[2])), want)
			}
		})
	})
}

// Signatures over messages are checked by the other side.
func TestSignatures(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		gopher := goPrincipal(t, keyType, 0)
		key := must(t, "make", "signer-"+keyType, keyType)
		keyBytes, _ := hex.DecodeString(key)
		ours, err := security.UnmarshalPublicKey(keyBytes)
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range []string{"", "a", strings.Repeat("message ", 5000)} {
			t.Run(fmt.Sprintf("ours of %d bytes", len(message)), func(t *testing.T) {
				var signature security.Signature
				fromHex(t, must(t, "sign", "signer-"+keyType, hex.EncodeToString([]byte(message))), &signature)
				if !signature.Verify(ours, []byte(message)) {
					t.Errorf("Go refuses %v", signature)
				}
				if signature.Verify(ours, []byte(message+".")) {
					t.Error("Go takes it for another message")
				}
			})
			t.Run(fmt.Sprintf("Go's of %d bytes", len(message)), func(t *testing.T) {
				signature, err := gopher.Sign([]byte(message))
				if err != nil {
					t.Fatal(err)
				}
				if got := answer(t, "verify", derHex(t, gopher.PublicKey()), hex.EncodeToString([]byte(message)), vomHex(t, signature)); got != "ok" {
					t.Errorf("we say %s", got)
				}
				if got := answer(t, "verify", derHex(t, gopher.PublicKey()), hex.EncodeToString([]byte(message+".")), vomHex(t, signature)); !refused(got) {
					t.Error("we take it for another message")
				}
			})
		}
	})
}

// goCall is the call that callWords describes to us.
type testCall struct {
	roots      []security.Blessings
	blessings  security.Blessings
	at         time.Time
	method     string
	tags       []access.Tag
	discharges []security.Discharge
}

func (c testCall) goCall(t *testing.T) security.Call {
	t.Helper()
	judge := goPrincipal(t, "ecdsa256", 9)
	for _, root := range c.roots {
		if err := security.AddToRoots(judge, root); err != nil {
			t.Fatal(err)
		}
	}
	var tags []*vdl.Value
	for _, tag := range c.tags {
		tags = append(tags, vdl.ValueOf(tag))
	}
	return security.NewCall(&security.CallParams{Timestamp: c.at, Method: c.method, MethodTags: tags, LocalPrincipal: judge, RemoteBlessings: c.blessings, RemoteDischarges: c.discharges})
}

func (c testCall) words(t *testing.T) []string {
	t.Helper()
	var roots, tags, discharges []string
	for _, root := range c.roots {
		roots = append(roots, textOf(t, root))
	}
	for _, tag := range c.tags {
		tags = append(tags, string(tag))
	}
	for _, discharge := range c.discharges {
		discharges = append(discharges, vomHex(t, discharge))
	}
	return []string{strings.Join(roots, ","), textOf(t, c.blessings), vomHex(t, c.at), c.method, strings.Join(tags, ","), strings.Join(discharges, ",")}
}

// wantSameNames lets both sides judge the call.
func wantSameNames(t *testing.T, call testCall) string {
	t.Helper()
	valid, rejected := security.RemoteBlessingNames(rootContext(), call.goCall(t))
	var names []string
	for _, one := range rejected {
		names = append(names, one.Blessing)
	}
	dash := func(names []string) string {
		if len(names) == 0 {
			return "-"
		}
		return strings.Join(names, ",")
	}
	want := dash(valid) + "|" + dash(names)
	if got := must(t, append([]string{"names"}, call.words(t)...)...); got != want {
		t.Errorf("we say %s, Go says %s (%v)", got, want, rejected)
	}
	return want
}

// Names count for both sides in the same calls.
func TestNamesInCalls(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		root := goPrincipal(t, keyType, 0)
		alice, _ := root.BlessSelf("alice")
		late, _ := security.NewNotBeforeCaveat(tomorrow)
		tagged, err := access.NewAccessTagCaveat(access.Read, access.Debug)
		if err != nil {
			t.Fatal(err)
		}
		unknown := security.Caveat{Id: [16]byte{1, 2, 3}, ParamVom: security.UnconstrainedUse().ParamVom}
		never, _ := security.NewCaveat(security.ConstCaveat, false)
		peers, _ := security.NewCaveat(security.PeerBlessingsCaveat, []security.BlessingPattern{"nobody"})
		for i, test := range []struct {
			name    string
			caveats []security.Caveat
		}{
			{"no condition", []security.Caveat{security.UnconstrainedUse()}},
			{"never", []security.Caveat{never}},
			{"expiry", []security.Caveat{expiry(t, noon)}},
			{"not before", []security.Caveat{late}},
			{"method", []security.Caveat{methodCaveat(t, "Get", "Put")}},
			{"tag", []security.Caveat{tagged}},
			{"peer", []security.Caveat{peers}},
			{"unknown", []security.Caveat{unknown}},
			{"expiry and method", []security.Caveat{expiry(t, noon), methodCaveat(t, "Get")}},
		} {
			t.Run(test.name, func(t *testing.T) {
				text := ""
				if i%2 == 0 {
					b, err := root.Bless(goPrincipal(t, keyType, 1).PublicKey(), alice, "user", test.caveats[0], test.caveats[1:]...)
					if err != nil {
						t.Fatal(err)
					}
					text = textOf(t, b)
				} else {
					b, err := root.Bless(goPrincipal(t, keyType, 1).PublicKey(), alice, "user:x", test.caveats[0], test.caveats[1:]...)
					if err != nil {
						t.Fatal(err)
					}
					text = textOf(t, b)
				}
				for _, at := range []time.Time{yesterday, noon, noon.Add(1), tomorrow, tomorrow.Add(1)} {
					for _, method := range []string{"Get", "Put", "get", "__Get", ""} {
						for _, tags := range [][]access.Tag{nil, {access.Read}, {access.Write, access.Debug}} {
							wantSameNames(t, testCall{[]security.Blessings{alice}, blessingsOf(t, text), at, method, tags, nil})
						}
					}
				}
			})
		}
		t.Run("other roots", func(t *testing.T) {
			stranger, _ := goPrincipal(t, keyType, 1).BlessSelf("alice")
			if got := wantSameNames(t, testCall{[]security.Blessings{alice}, stranger, noon, "Get", nil, nil}); got != "-|alice" {
				t.Errorf("a stranger's name counts: %s", got)
			}
		})
	})
}

// A discharge by one side satisfies the other.
func TestDischarges(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		root := goPrincipal(t, keyType, 0)
		alice, _ := root.BlessSelf("alice")
		discharger := goPrincipal(t, keyType, 1)
		ourDischarger := must(t, "make", "discharger-"+keyType, keyType)
		ourBytes, _ := hex.DecodeString(ourDischarger)
		ourKey, err := security.UnmarshalPublicKey(ourBytes)
		if err != nil {
			t.Fatal(err)
		}
		goMade := func(key security.PublicKey) security.Caveat {
			caveat, err := security.NewPublicKeyCaveat(key, "dischargers/d1", security.ThirdPartyRequirements{ReportServer: true}, security.UnconstrainedUse())
			if err != nil {
				t.Fatal(err)
			}
			return caveat
		}
		weMade := func(key security.PublicKey) security.Caveat {
			var caveat security.Caveat
			fromHex(t, must(t, "third-party", derHex(t, key), "dischargers/d1"), &caveat)
			return caveat
		}
		byGo := func(caveat security.Caveat, conditions ...security.Caveat) security.Discharge {
			d, err := discharger.MintDischarge(caveat, conditions[0], conditions[1:]...)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		byUs := func(caveat security.Caveat, conditions ...security.Caveat) security.Discharge {
			var d security.Discharge
			fromHex(t, must(t, "mint", "discharger-"+keyType, vomHex(t, caveat), caveatList(t, conditions...)), &d)
			return d
		}
		for _, test := range []struct {
			name   string
			caveat security.Caveat
			mint   func(security.Caveat, ...security.Caveat) security.Discharge
		}{
			{"Go's caveat, Go's discharge", goMade(discharger.PublicKey()), byGo},
			{"Go's caveat, our discharge", goMade(ourKey), byUs},
			{"our caveat, Go's discharge", weMade(discharger.PublicKey()), byGo},
			{"our caveat, our discharge", weMade(ourKey), byUs},
		} {
			t.Run(test.name, func(t *testing.T) {
				want := test.caveat.ThirdPartyDetails()
				if got := strings.Split(must(t, "third-party-id", vomHex(t, test.caveat)), "|"); got[0] != want.ID() || got[2] != want.Location() {
					t.Errorf("got %q, want %s", got, want.ID())
				}
				user, err := root.Bless(goPrincipal(t, keyType, 2).PublicKey(), alice, "user", test.caveat)
				if err != nil {
					t.Fatal(err)
				}
				good := test.mint(test.caveat, expiry(t, noon), methodCaveat(t, "Get"))
				call := testCall{[]security.Blessings{alice}, user, noon, "Get", nil, []security.Discharge{good}}
				if got := wantSameNames(t, call); got != "alice:user|-" {
					t.Errorf("both refuse it: %s", got)
				}
				for _, bad := range []testCall{
					{call.roots, user, noon, "Get", nil, nil},
					{call.roots, user, noon.Add(1), "Get", nil, call.discharges},
					{call.roots, user, noon, "Put", nil, call.discharges},
					{call.roots, user, noon, "Get", nil, []security.Discharge{test.mint(weMadeOrGo(test.caveat, goMade, discharger, ourKey), expiry(t, noon))}},
				} {
					if got := wantSameNames(t, bad); got != "-|alice:user" {
						t.Errorf("both take %v: %s", bad, got)
					}
				}
			})
		}
	})
}

// weMadeOrGo is another caveat of the same discharger: its discharge must not do for the first one.
func weMadeOrGo(caveat security.Caveat, other func(security.PublicKey) security.Caveat, discharger security.Principal, ourKey security.PublicKey) security.Caveat {
	for _, key := range []security.PublicKey{discharger.PublicKey(), ourKey} {
		if strings.Contains(string(caveat.ParamVom), string(mustMarshal(key))) {
			return other(key)
		}
	}
	return caveat
}

func mustMarshal(key security.PublicKey) []byte {
	bytes, err := key.MarshalBinary()
	if err != nil {
		panic(err)
	}
	return bytes
}

// Access lists and permissions say the same on both sides, and their JSON goes both ways.
func TestAccess(t *testing.T) {
	lists := []access.AccessList{
		{},
		{In: []security.BlessingPattern{"..."}},
		{In: []security.BlessingPattern{"..."}, NotIn: []string{"alice:user"}},
		{In: []security.BlessingPattern{"alice"}},
		{In: []security.BlessingPattern{"alice:$"}},
		{In: []security.BlessingPattern{"alice:user:$", "bob"}},
		{In: []security.BlessingPattern{"alice"}, NotIn: []string{"alice:user"}},
		{In: []security.BlessingPattern{"alice"}, NotIn: []string{"alice:user:$"}},
		{In: []security.BlessingPattern{"alicea", "$", "alice:"}, NotIn: []string{"x"}},
	}
	for i, list := range lists {
		t.Run(fmt.Sprintf("list %d", i), func(t *testing.T) {
			for _, names := range [][]string{{}, {"alice"}, {"alice:user"}, {"alice:user:x"}, {"alice:user", "bob"}, {"alicea"}, {"bob:x", "alice:user"}} {
				want := "no"
				if list.Includes(names...) {
					want = "yes"
				}
				if got := must(t, "included", vomHex(t, list), strings.Join(names, ",")); got != want {
					t.Errorf("%v of %v: we say %s, Go says %s", names, list, got, want)
				}
			}
		})
	}
	all := access.Permissions{}
	for i, tag := range access.AllTypicalTags() {
		all[string(tag)] = lists[i+2]
	}
	all["Odd \"tag\" ☺"] = access.AccessList{In: []security.BlessingPattern{"b", "a", "b"}, NotIn: []string{"z", "a:b", "z"}}
	t.Run("Go's JSON", func(t *testing.T) {
		var out strings.Builder
		if err := access.WritePermissions(&out, all); err != nil {
			t.Fatal(err)
		}
		ours, err := hex.DecodeString(must(t, "permissions", hex.EncodeToString([]byte(out.String()))))
		if err != nil {
			t.Fatal(err)
		}
		again, err := access.ReadPermissions(strings.NewReader(string(ours)))
		if err != nil {
			t.Fatalf("Go cannot read %s: %v", ours, err)
		}
		if want := all.Copy().Normalize(); !reflect.DeepEqual(again.Normalize(), want) {
			t.Errorf("got  %v\nwant %v", again, want)
		}
	})
	forEachKeyType(t, func(t *testing.T, keyType string) {
		root := goPrincipal(t, keyType, 0)
		alice, _ := root.BlessSelf("alice")
		user, err := root.Bless(goPrincipal(t, keyType, 1).PublicKey(), alice, "user", expiry(t, tomorrow))
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := access.WritePermissions(&out, all); err != nil {
			t.Fatal(err)
		}
		authorizer := access.TypicalTagTypePermissionsAuthorizer(all)
		var tried []string
		for _, tags := range [][]access.Tag{nil, {access.Admin}, {access.Debug}, {access.Read}, {access.Write}, {access.Resolve}, {access.Read, access.Write}, {"Else"}} {
			for _, blessings := range []security.Blessings{alice, user} {
				call := testCall{[]security.Blessings{alice}, blessings, noon, "Get", tags, nil}
				err := authorizer.Authorize(rootContext(), call.goCall(t))
				got := answer(t, append([]string{"permitted", hex.EncodeToString([]byte(out.String()))}, call.words(t)...)...)
				if refused(got) != (err != nil) {
					t.Errorf("%v with tags %v: we say %s, Go says %v", blessings, tags, got, err)
				}
				tried = append(tried, fmt.Sprint(err == nil))
			}
		}
		sort.Strings(tried)
		if tried[0] == tried[len(tried)-1] {
			t.Error("all calls end alike: the test shows nothing")
		}
	})
}
