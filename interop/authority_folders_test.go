package interop

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"v.io/v23/security"
	"v.io/v23/vom"
	seclib "v.io/x/ref/lib/security"
	"v.io/x/ref/lib/security/serialization"
)

const secret = "a-passphrase"

// goFolder makes a folder with Go's library; with a passphrase the key is encrypted.
func goFolder(t *testing.T, keyType, passphrase string) (string, security.Principal) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "gopher")
	store, err := seclib.CreateFilesystemStore(folder)
	if err != nil {
		t.Fatal(err)
	}
	p, err := seclib.CreatePrincipalOpts(bg, seclib.WithStore(store), seclib.WithPrivateKey(goKey(t, keyType, 0), []byte(passphrase)))
	if err != nil {
		t.Fatal(err)
	}
	return folder, p
}

func goOpen(t *testing.T, folder, passphrase string) security.Principal {
	t.Helper()
	p, err := seclib.LoadPersistentPrincipal(folder, []byte(passphrase))
	if err != nil {
		t.Fatalf("Go cannot open %s: %v", folder, err)
	}
	return p
}

// goContents is what our command "contents" tells, by Go.
func goContents(t *testing.T, p security.Principal) string {
	t.Helper()
	var peers, roots []string
	for pattern, blessings := range p.BlessingStore().PeerBlessings() {
		peers = append(peers, fmt.Sprintf("%s=%v", pattern, blessings))
	}
	for pattern, keys := range p.Roots().Dump() {
		for _, key := range keys {
			roots = append(roots, fmt.Sprintf("%s=%s", pattern, derHex(t, key)))
		}
	}
	sort.Strings(peers)
	sort.Strings(roots)
	names, _ := p.BlessingStore().Default()
	parts := []string{names.String(), strings.Join(peers, ","), strings.Join(roots, ",")}
	for i, part := range parts {
		if part == "" {
			parts[i] = "-"
		}
	}
	return strings.Join(parts, "|")
}

func wantSameContents(t *testing.T, folder, passphrase string) {
	t.Helper()
	must(t, "open", folder, passphrase, "opened")
	got := strings.Split(must(t, "contents", "opened"), "|")
	for i := range got {
		words := strings.Split(got[i], ",")
		sort.Strings(words)
		got[i] = strings.Join(words, ",")
	}
	if want := goContents(t, goOpen(t, folder, passphrase)); strings.Join(got, "|") != want {
		t.Errorf("we read  %s\nGo reads %s", strings.Join(got, "|"), want)
	}
}

// Folders made and changed by one side are read by the other, with plain and with encrypted keys.
func TestFolders(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		for _, passphrase := range []string{"", secret} {
			kind := "plain"
			if passphrase != "" {
				kind = "encrypted"
			}
			t.Run(kind+", made by Go", func(t *testing.T) {
				folder, p := goFolder(t, keyType, passphrase)
				if err := seclib.InitDefaultBlessings(p, "gopher"); err != nil {
					t.Fatal(err)
				}
				if got := must(t, "open", folder, passphrase, "made-by-go"); got != derHex(t, p.PublicKey()) {
					t.Errorf("another key: %s", got)
				}
				wantSameContents(t, folder, passphrase)
				useBoth(t, folder, passphrase, keyType)
			})
			t.Run(kind+", made by us", func(t *testing.T) {
				folder := filepath.Join(t.TempDir(), "niobium")
				key := must(t, "create", folder, keyType, passphrase)
				must(t, "open", folder, passphrase, "made-by-us")
				self := must(t, "bless-self", "made-by-us", "niobium", "")
				must(t, "set-default", "made-by-us", self)
				if got := derHex(t, goOpen(t, folder, passphrase).PublicKey()); got != key {
					t.Errorf("another key: %s", got)
				}
				wantSameContents(t, folder, passphrase)
				useBoth(t, folder, passphrase, keyType)
			})
		}
		t.Run("a wrong passphrase and none", func(t *testing.T) {
			folder, _ := goFolder(t, keyType, secret)
			if got := answer(t, "open", folder, "another", "x"); !refused(got) {
				t.Errorf("we open it with a wrong passphrase: %s", got)
			}
			if got := answer(t, "open", folder, "", "x"); !refused(got) {
				t.Errorf("we open it without passphrase: %s", got)
			}
		})
	})
}

// useBoth changes a folder with both libraries in turn, and looks at it with both.
func useBoth(t *testing.T, folder, passphrase, keyType string) {
	t.Helper()
	// Go puts something in …
	p := goOpen(t, folder, passphrase)
	friend, err := goPrincipal(t, keyType, 1).BlessSelf("friend")
	if err != nil {
		t.Fatal(err)
	}
	given, err := goPrincipal(t, keyType, 1).Bless(p.PublicKey(), friend, "of:mine", expiry(t, tomorrow))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.BlessingStore().Set(given, "friend:$"); err != nil {
		t.Fatal(err)
	}
	if err := p.Roots().Add(der(t, goPrincipal(t, keyType, 1).PublicKey()), "friend"); err != nil {
		t.Fatal(err)
	}
	wantSameContents(t, folder, passphrase)
	// … we do …
	must(t, "open", folder, passphrase, "both")
	more := must(t, "bless-self", "both", "more", "")
	must(t, "set-for-peer", "both", more, "more")
	must(t, "add-root", "both", derHex(t, goPrincipal(t, keyType, 2).PublicKey()), "third:party")
	wantSameContents(t, folder, passphrase)
	// … and Go takes something away.
	p = goOpen(t, folder, passphrase)
	if _, err := p.BlessingStore().Set(security.Blessings{}, "friend:$"); err != nil {
		t.Fatal(err)
	}
	if err := p.BlessingStore().SetDefault(given); err != nil {
		t.Fatal(err)
	}
	wantSameContents(t, folder, passphrase)
	// Discharges are kept for each other.
	caveat, err := security.NewPublicKeyCaveat(p.PublicKey(), "d", security.ThirdPartyRequirements{}, security.UnconstrainedUse())
	if err != nil {
		t.Fatal(err)
	}
	discharge, err := p.MintDischarge(caveat, expiry(t, tomorrow))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.BlessingStore().CacheDischarge(discharge, caveat, security.DischargeImpetus{}); err != nil {
		t.Fatal(err)
	}
	must(t, "open", folder, passphrase, "both")
	if got := must(t, "cache", "both", vomHex(t, caveat), ""); got != discharge.ID() {
		t.Errorf("we do not find the discharge that Go kept: %s", got)
	}
	other, err := security.NewPublicKeyCaveat(p.PublicKey(), "e", security.ThirdPartyRequirements{}, security.UnconstrainedUse())
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.MintDischarge(other, expiry(t, tomorrow))
	if err != nil {
		t.Fatal(err)
	}
	must(t, "cache", "both", vomHex(t, other), vomHex(t, second))
	if got, _ := goOpen(t, folder, passphrase).BlessingStore().Discharge(other, security.DischargeImpetus{}); got.ID() != second.ID() {
		t.Errorf("Go does not find the discharge that we kept: %v", got)
	}
}

// While one side holds a lock the other waits, and no change is lost when both write at once.
func TestLocks(t *testing.T) {
	t.Run("we wait for Go", func(t *testing.T) {
		folder, p := goFolder(t, "ecdsa256", "")
		if err := seclib.InitDefaultBlessings(p, "gopher"); err != nil {
			t.Fatal(err)
		}
		other, err := startAuthority()
		if err != nil {
			t.Fatal(err)
		}
		other.answer(t, "open", folder, "", "waiting")
		for _, scope := range []struct {
			name  string
			scope seclib.LockScope
			words []string
		}{
			{"roots", seclib.LockBlessingRoots, []string{"add-root", "waiting", derHex(t, goPrincipal(t, "ecdsa256", 1).PublicKey()), "waited"}},
			{"store", seclib.LockBlessingStore, []string{"set-for-peer", "waiting", textOf(t, mustDefault(p)), "waited"}},
		} {
			unlock, err := seclib.FilesystemStoreWriter(folder).Lock(bg, scope.scope)
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan string)
			go func() { done <- other.answer(t, scope.words...) }()
			select {
			case got := <-done:
				t.Errorf("%s: changed while Go held the lock: %s", scope.name, got)
			case <-time.After(300 * time.Millisecond):
			}
			unlock()
			if got := <-done; got != "ok" {
				t.Errorf("%s: %s", scope.name, got)
			}
		}
		wantSameContents(t, folder, "")
	})
	t.Run("Go waits for us, and nothing is lost", func(t *testing.T) {
		const rounds = 25
		folder, p := goFolder(t, "ed25519", "")
		if err := seclib.InitDefaultBlessings(p, "gopher"); err != nil {
			t.Fatal(err)
		}
		text, key := textOf(t, mustDefault(p)), derHex(t, p.PublicKey())
		var all sync.WaitGroup
		for n := 0; n < 2; n++ {
			n := n
			other, err := startAuthority()
			if err != nil {
				t.Fatal(err)
			}
			other.answer(t, "open", folder, "", "writer")
			all.Add(2)
			go func() {
				defer all.Done()
				for i := 0; i < rounds; i++ {
					if got := other.answer(t, "add-root", "writer", key, fmt.Sprintf("ours:%d:%d", n, i)); got != "ok" {
						t.Errorf("our root: %s", got)
					}
					if got := other.answer(t, "set-for-peer", "writer", text, fmt.Sprintf("ours:%d:%d", n, i)); got != "ok" {
						t.Errorf("our blessings: %s", got)
					}
				}
			}()
			go func() {
				defer all.Done()
				mine, err := seclib.LoadPersistentPrincipal(folder, nil)
				if err != nil {
					t.Errorf("Go cannot open the folder: %v", err)
					return
				}
				keyBytes, _ := hex.DecodeString(key)
				for i := 0; i < rounds; i++ {
					if err := mine.Roots().Add(keyBytes, security.BlessingPattern(fmt.Sprintf("theirs:%d:%d", n, i))); err != nil {
						t.Errorf("Go's root: %v", err)
					}
					if _, err := mine.BlessingStore().Set(mustDefault(mine), security.BlessingPattern(fmt.Sprintf("theirs:%d:%d", n, i))); err != nil {
						t.Errorf("Go's blessings: %v", err)
					}
				}
			}()
		}
		all.Wait()
		p = goOpen(t, folder, "")
		if got := len(p.Roots().Dump()); got != 4*rounds+1 {
			t.Errorf("%d roots, want %d", got, 4*rounds+1)
		}
		if got := len(p.BlessingStore().PeerBlessings()); got != 4*rounds+1 {
			t.Errorf("%d blessings, want %d", got, 4*rounds+1)
		}
		wantSameContents(t, folder, "")
	})
}

func mustDefault(p security.Principal) security.Blessings {
	blessings, _ := p.BlessingStore().Default()
	return blessings
}

type folderMutation struct {
	name    string
	change  func(t *testing.T, folder string)
	goTakes string
	// The kind of key with which Go refuses it nevertheless.
	butNot string
}

func editFile(name string, edit func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, folder string) {
		t.Helper()
		path := filepath.Join(folder, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0600)
		if info, err := os.Stat(path); err == nil {
			mode = info.Mode()
		}
		os.Remove(path)
		if err := os.WriteFile(path, edit(data), mode); err != nil {
			t.Fatal(err)
		}
	}
}

func flipAt(share float64) func([]byte) []byte {
	return func(data []byte) []byte {
		data[int(share*float64(len(data)-1))] ^= 1
		return data
	}
}

func cut(count int) func([]byte) []byte {
	return func(data []byte) []byte { return data[:len(data)-count] }
}

func grow(data []byte) []byte { return append(data, 0) }

func remove(name string) func(*testing.T, string) {
	return func(t *testing.T, folder string) {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// replace takes the files from another folder of the same kind of key.
func replace(names ...string) func(*testing.T, string) {
	return func(t *testing.T, folder string) {
		t.Helper()
		other := filepath.Join(t.TempDir(), "other")
		store, err := seclib.CreateFilesystemStore(other)
		if err != nil {
			t.Fatal(err)
		}
		p, err := seclib.CreatePrincipalOpts(bg, seclib.WithStore(store), seclib.WithPrivateKey(goKey(t, keyTypeOf(t), 1), nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := seclib.InitDefaultBlessings(p, "gopher"); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(filepath.Join(other, name))
			if err != nil {
				t.Fatal(err)
			}
			editFile(name, func([]byte) []byte { return data })(t, folder)
		}
	}
}

// keyTypeOf is the kind of key in the name of the test.
func keyTypeOf(t *testing.T) string { return strings.Split(t.Name(), "/")[1] }

// signatureRecords changes the records of a signature file.
func signatureRecords(name string, change func(t *testing.T, records []interface{}) []interface{}) func(*testing.T, string) {
	return func(t *testing.T, folder string) {
		t.Helper()
		editFile(name, func(data []byte) []byte {
			decoder := vom.NewDecoder(strings.NewReader(string(data)))
			var header serialization.SignedHeader
			records := []interface{}{}
			if err := decoder.Decode(&header); err != nil {
				t.Fatal(err)
			}
			records = append(records, header)
			for {
				var record serialization.SignedData
				if err := decoder.Decode(&record); err != nil {
					break
				}
				records = append(records, record)
			}
			if len(records) != 3 {
				t.Fatalf("%d records in %s", len(records), name)
			}
			var out strings.Builder
			encoder := vom.NewEncoder(&out)
			for _, record := range change(t, records) {
				if err := encoder.Encode(record); err != nil {
					t.Fatal(err)
				}
			}
			return []byte(out.String())
		})(t, folder)
	}
}

var folderMutations = []folderMutation{
	{"first byte of the roots", editFile("blessingroots.data", flipAt(0)), "", ""},
	{"middle byte of the roots", editFile("blessingroots.data", flipAt(0.5)), "", ""},
	{"last byte of the roots", editFile("blessingroots.data", flipAt(1)), "", ""},
	{"roots cut by a byte", editFile("blessingroots.data", cut(1)), "", ""},
	{"roots longer by a byte", editFile("blessingroots.data", grow), "", ""},
	{"roots empty", editFile("blessingroots.data", func([]byte) []byte { return nil }), "", ""},
	{"middle byte of the store", editFile("blessingstore.data", flipAt(0.5)), "", ""},
	{"last byte of the store", editFile("blessingstore.data", flipAt(1)), "", ""},
	{"store cut by a byte", editFile("blessingstore.data", cut(1)), "", ""},
	{"store longer by a byte", editFile("blessingstore.data", grow), "", ""},
	{"first byte of the roots' signature", editFile("blessingroots.sig", flipAt(0)), "", ""},
	{"last byte of the roots' signature file", editFile("blessingroots.sig", cut(1)), "Go takes a cut-off record for the end of the file", ""},
	{"roots' signature record cut off", signatureRecords("blessingroots.sig", func(_ *testing.T, r []interface{}) []interface{} { return r[:2] }), "Go checks the signature only when there is one: whoever can write the files can cut it off and put in what he likes", ""},
	{"roots' hash cut off", signatureRecords("blessingroots.sig", func(_ *testing.T, r []interface{}) []interface{} { return append(r[:1:1], r[2]) }), "", ""},
	{"roots' hash twice", signatureRecords("blessingroots.sig", func(_ *testing.T, r []interface{}) []interface{} { return []interface{}{r[0], r[1], r[1], r[2]} }), "", ""},
	{"roots' signature twice", signatureRecords("blessingroots.sig", func(_ *testing.T, r []interface{}) []interface{} { return append(r, r[2]) }), "Go's decoder reads ahead, and has swallowed what stands behind the signature unless the file is long", "rsa4096"},
	{"roots' signature file with another size of chunks", signatureRecords("blessingroots.sig", func(_ *testing.T, r []interface{}) []interface{} {
		return []interface{}{serialization.SignedHeader{ChunkSizeBytes: 4096}, r[1], r[2]}
	}), "", ""},
	{"roots' signature file empty", editFile("blessingroots.sig", func([]byte) []byte { return nil }), "", ""},
	{"store's signature record cut off", signatureRecords("blessingstore.sig", func(_ *testing.T, r []interface{}) []interface{} { return r[:2] }), "Go checks the signature only when there is one", ""},
	{"signature files swapped", func(t *testing.T, folder string) {
		a, _ := os.ReadFile(filepath.Join(folder, "blessingroots.sig"))
		b, _ := os.ReadFile(filepath.Join(folder, "blessingstore.sig"))
		editFile("blessingroots.sig", func([]byte) []byte { return b })(t, folder)
		editFile("blessingstore.sig", func([]byte) []byte { return a })(t, folder)
	}, "", ""},
	{"roots and store swapped, with their signatures", func(t *testing.T, folder string) {
		for _, end := range []string{"data", "sig"} {
			a, _ := os.ReadFile(filepath.Join(folder, "blessingroots."+end))
			b, _ := os.ReadFile(filepath.Join(folder, "blessingstore."+end))
			editFile("blessingroots."+end, func([]byte) []byte { return b })(t, folder)
			editFile("blessingstore."+end, func([]byte) []byte { return a })(t, folder)
		}
	}, "", ""},
	{"another principal's roots", replace("blessingroots.data", "blessingroots.sig"), "", ""},
	{"another principal's store", replace("blessingstore.data", "blessingstore.sig"), "", ""},
	{"another principal's signature of the roots", replace("blessingroots.sig"), "", ""},
	{"another principal's private key", replace("privatekey.pem"), "", ""},
	{"another principal's public key", replace("publickey.pem"), "Go opens a folder by its private key and does not look whether the public one is of the same pair", ""},
	{"no roots beside their signature", remove("blessingroots.data"), "Go starts with no roots when either file is missing", ""},
	{"no signature beside the roots", remove("blessingroots.sig"), "Go starts with no roots when either file is missing", ""},
	{"no signature beside the store", remove("blessingstore.sig"), "Go starts with an empty store when either file is missing", ""},
	{"private key cut", editFile("privatekey.pem", cut(60)), "", ""},
	{"private key of another kind of text", editFile("privatekey.pem", func([]byte) []byte { return []byte("secret") }), "", ""},
	{"private key empty", editFile("privatekey.pem", func([]byte) []byte { return nil }), "", ""},
	{"private key for everybody to read", func(t *testing.T, folder string) {
		if err := os.Chmod(filepath.Join(folder, "privatekey.pem"), 0644); err != nil {
			t.Fatal(err)
		}
	}, "Go does not look at who can read the key", ""},
}

// We open no folder in which something was changed.
func TestMutatedFolders(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		for _, m := range folderMutations {
			t.Run(m.name, func(t *testing.T) {
				folder, p := goFolder(t, keyType, "")
				if err := seclib.InitDefaultBlessings(p, "gopher"); err != nil {
					t.Fatal(err)
				}
				must(t, "open", folder, "", "good")
				m.change(t, folder)
				_, goErr := seclib.LoadPersistentPrincipal(folder, nil)
				goTakes := m.goTakes
				if m.butNot == keyType {
					goTakes = ""
				}
				wantVerdict(t, answer(t, "open", folder, "", "bad"), goErr, goTakes)
			})
		}
	})
}
