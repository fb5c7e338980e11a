package interop

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"v.io/v23/context"
	"v.io/v23/security"
	"v.io/v23/vom"
	seclib "v.io/x/ref/lib/security"
	"v.io/x/ref/lib/security/keys"
)

// keyTypes are the keys that both sides make, by the names that both tools give them.
var keyTypes = []struct {
	name string
	algo keys.CryptoAlgo
}{
	{"ecdsa256", keys.ECDSA256},
	{"ecdsa384", keys.ECDSA384},
	{"ecdsa521", keys.ECDSA521},
	{"ed25519", keys.ED25519},
	{"rsa2048", keys.RSA2048},
	{"rsa4096", keys.RSA4096},
}

// forEachKeyType runs a test once for each kind of key, side by side with nothing.
func forEachKeyType(t *testing.T, test func(t *testing.T, keyType string)) {
	for _, kind := range keyTypes {
		t.Run(kind.name, func(t *testing.T) { test(t, kind.name) })
	}
}

// authority is our program that holds principals; see authority/authority.cc.
type authority struct {
	in  io.WriteCloser
	out *bufio.Reader
	mu  sync.Mutex
}

var (
	ourAuthority     *authority
	ourAuthorityOnce sync.Once
)

func startAuthority() (*authority, error) {
	path := os.Getenv("NIOBIUM_INTEROP_AUTHORITY")
	if path == "" {
		return nil, fmt.Errorf("NIOBIUM_INTEROP_AUTHORITY is not set; run this through: ./test interop")
	}
	command := exec.Command(path)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &authority{in: in, out: bufio.NewReaderSize(out, 1<<20)}, command.Start()
}

// answer sends a command and returns the answer, also when it is an error.
func answer(t *testing.T, words ...string) string {
	t.Helper()
	ourAuthorityOnce.Do(func() {
		var err error
		if ourAuthority, err = startAuthority(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	})
	return ourAuthority.answer(t, words...)
}

func (a *authority) answer(t *testing.T, words ...string) string {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, word := range words {
		if word == "" {
			words[i] = "-"
		}
	}
	if _, err := fmt.Fprintln(a.in, strings.Join(words, " ")); err != nil {
		t.Fatalf("the program is gone: %v", err)
	}
	line, err := a.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the program did not answer %.200q: %v", words, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// must is answer for commands that have to succeed.
func must(t *testing.T, words ...string) string {
	t.Helper()
	got := answer(t, words...)
	if strings.HasPrefix(got, "error: ") {
		t.Fatalf("asked %.300q, got %s", words, got)
	}
	return got
}

func refused(answer string) bool { return strings.HasPrefix(answer, "error: ") }

var (
	goKeysMu sync.Mutex
	goKeys   = map[string][]interface{}{}
)

// goKey is the nth Go key of a kind; keys are made once, as RSA takes long.
func goKey(t *testing.T, keyType string, n int) interface{} {
	t.Helper()
	goKeysMu.Lock()
	defer goKeysMu.Unlock()
	for _, kind := range keyTypes {
		for kind.name == keyType && len(goKeys[keyType]) <= n {
			key, err := keys.NewPrivateKeyForAlgo(kind.algo)
			if err != nil {
				t.Fatal(err)
			}
			goKeys[keyType] = append(goKeys[keyType], key)
		}
	}
	return goKeys[keyType][n]
}

func goPrincipal(t *testing.T, keyType string, n int) security.Principal {
	t.Helper()
	p, err := seclib.CreatePrincipalOpts(bg, seclib.WithPrivateKey(goKey(t, keyType, n), nil))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func goSigner(t *testing.T, keyType string, n int) security.Signer {
	t.Helper()
	return signerOf(t, goKey(t, keyType, n))
}

func der(t *testing.T, key security.PublicKey) []byte {
	t.Helper()
	bytes, err := key.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func derHex(t *testing.T, key security.PublicKey) string { return hex.EncodeToString(der(t, key)) }

// textOf is the form in which both tools pass on blessings.
func textOf(t *testing.T, blessings security.Blessings) string {
	t.Helper()
	text, err := seclib.EncodeBlessingsBase64(blessings)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func wireText(t *testing.T, wire security.WireBlessings) string {
	t.Helper()
	bytes, err := vom.Encode(wire)
	if err != nil {
		t.Fatal(err)
	}
	return base64.URLEncoding.EncodeToString(bytes)
}

func blessingsOf(t *testing.T, text string) security.Blessings {
	t.Helper()
	blessings, err := seclib.DecodeBlessingsBase64(text)
	if err != nil {
		t.Fatalf("Go refuses %.200s: %v", text, err)
	}
	return blessings
}

func vomHex(t *testing.T, value interface{}) string {
	t.Helper()
	return encode(t, value)
}

func caveatList(t *testing.T, caveats ...security.Caveat) string {
	t.Helper()
	var all []string
	for _, caveat := range caveats {
		all = append(all, vomHex(t, caveat))
	}
	return strings.Join(all, ",")
}

func fromHex(t *testing.T, text string, value interface{}) {
	t.Helper()
	bytes, err := hex.DecodeString(text)
	if err != nil {
		t.Fatalf("no hexadecimal: %.200q", text)
	}
	if err := vom.Decode(bytes, value); err != nil {
		t.Fatalf("Go cannot decode %.200s: %v", text, err)
	}
}

func rootContext() *context.T {
	ctx, _ := context.RootContext()
	return ctx
}

// The time in which the tests live, and what is before and after.
var (
	noon      = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	yesterday = noon.Add(-24 * time.Hour)
	tomorrow  = noon.Add(24 * time.Hour)
)

func expiry(t *testing.T, at time.Time) security.Caveat {
	t.Helper()
	caveat, err := security.NewExpiryCaveat(at)
	if err != nil {
		t.Fatal(err)
	}
	return caveat
}

func methodCaveat(t *testing.T, method string, more ...string) security.Caveat {
	t.Helper()
	caveat, err := security.NewMethodCaveat(method, more...)
	if err != nil {
		t.Fatal(err)
	}
	return caveat
}
