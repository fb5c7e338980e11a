package interop

import (
	"encoding/hex"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"v.io/v23/vdl"
	"v.io/v23/vdl/vdltest"
	"v.io/v23/vom"
	"v.io/v23/vom/vomtest"
)

// What Go encodes we decode, and what we encode Go decodes, for every value of Go's own test of its encoder.
func TestVomValues(t *testing.T) {
	for i, entry := range vomtest.AllPass() {
		entry := entry
		t.Run(fmt.Sprintf("%04d", i), func(t *testing.T) {
			want, err := vdl.ValueFromReflect(entry.Value)
			if err != nil {
				t.Fatal(err)
			}
			again := askBytes(t, "recode", entry.Hex())
			wantEqual(t, decode(t, again), want)
		})
	}
}

// Values that can be converted become what Go makes of them.
func TestConversions(t *testing.T) {
	for i, entry := range vdltest.ToEntryValues(vdltest.AllPass()) {
		entry := entry
		t.Run(fmt.Sprintf("%04d", i), func(t *testing.T) {
			bytes := askBytes(t, "convert", encode(t, entry.Source), encode(t, entry.Target.Type()))
			got := decode(t, bytes)
			if entry.Target.Type() == vdl.AnyType {
				got = vdl.ZeroValue(vdl.AnyType).Assign(got)
			}
			if !vdl.EqualValue(got, entry.Target) {
				t.Errorf("%s:\ngot  %v\nwant %v", entry.Name(), got, entry.Target)
			}
		})
	}
}

// Any value to any type: what Go converts we convert to the same, what Go refuses we refuse. A thousand pairs, always the same.
func TestConversionPairs(t *testing.T) {
	entries := vdltest.ToEntryValues(vdltest.AllPassFunc(func(e vdltest.Entry) bool { return e.IsCanonical }))
	random := rand.New(rand.NewSource(1))
	for i := 0; i < 1000; i++ {
		source := entries[random.Intn(len(entries))].Source
		target := entries[random.Intn(len(entries))].Target.Type()
		t.Run(fmt.Sprintf("%04d", i), func(t *testing.T) {
			answer := ask(t, "convert", encode(t, source), encode(t, target))
			want := vdl.ZeroValue(target)
			if err := vdl.Convert(want, source); err != nil {
				if !strings.HasPrefix(answer, "error: ") {
					t.Errorf("%v to %v: Go says %v, we gave %s", source, target, err, answer)
				}
				return
			}
			bytes, err := hex.DecodeString(answer)
			if err != nil {
				t.Fatalf("%v to %v: Go gives %v, we say %s", source, target, want, answer)
			}
			got := vdl.ZeroValue(target)
			if err := vom.Decode(bytes, got); err != nil {
				t.Fatal(err)
			}
			wantEqual(t, got, want)
		})
	}
}

// The unique string of a type is the same on both sides.
func TestTypeStrings(t *testing.T) {
	seen := map[*vdl.Type]bool{}
	for _, entry := range vdltest.AllPass() {
		for _, value := range []*vdl.Value{vdltest.ToEntryValue(entry).Source, vdltest.ToEntryValue(entry).Target} {
			tt := value.Type()
			if seen[tt] {
				continue
			}
			seen[tt] = true
			t.Run(fmt.Sprintf("%04d", len(seen)), func(t *testing.T) {
				if got, want := ask(t, "type", encode(t, tt)), tt.Unique(); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			})
		}
	}
}

// Go's golden bytes are ours, byte for byte, wherever no map or set leaves the order open.
func TestVomBytes(t *testing.T) {
	for i, entry := range vomtest.AllPass() {
		entry := entry
		want, err := vdl.ValueFromReflect(entry.Value)
		if err != nil {
			t.Fatal(err)
		}
		if unordered(want.Type(), map[*vdl.Type]bool{}) {
			continue
		}
		t.Run(fmt.Sprintf("%04d", i), func(t *testing.T) {
			if got := hex.EncodeToString(askBytes(t, "recode", entry.Hex())); got != entry.Hex() {
				t.Errorf("%s\ngot  %s\nwant %s", entry.Name(), got, entry.Hex())
			}
		})
	}
}

// unordered tells whether a map, a set or an any, which may hold one, is part of the type.
func unordered(tt *vdl.Type, seen map[*vdl.Type]bool) bool {
	if seen[tt] {
		return false
	}
	seen[tt] = true
	switch tt.Kind() {
	case vdl.Map, vdl.Set, vdl.Any:
		return true
	case vdl.Array, vdl.List, vdl.Optional:
		return unordered(tt.Elem(), seen)
	case vdl.Struct, vdl.Union:
		for i := 0; i < tt.NumField(); i++ {
			if unordered(tt.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
