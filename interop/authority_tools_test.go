package interop

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var (
	goToolOnce sync.Once
	goToolPath string
	goVDL      []string // where Go's tool finds the packages that caveats on its command line name
)

// goTool is Go's `principal`, built once.
func goTool(t *testing.T) string {
	t.Helper()
	goToolOnce.Do(func() {
		folder, err := os.MkdirTemp("", "principal")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "principal")
		build := exec.Command("go", "build", "-o", path, "v.io/x/ref/cmd/principal")
		if out, err := build.CombinedOutput(); err != nil {
			t.Logf("%s", out)
			return
		}
		module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "v.io").Output()
		if err != nil {
			t.Log(err)
			return
		}
		root := strings.TrimSpace(string(module))
		goToolPath, goVDL = path, []string{"VDLPATH=" + root, "VDLROOT=" + filepath.Join(root, "v23", "vdlroot")}
	})
	if goToolPath == "" {
		t.Fatal("Go's principal could not be built")
	}
	return goToolPath
}

func ourTool(t *testing.T) string {
	t.Helper()
	path := os.Getenv("NIOBIUM_NB")
	if path == "" {
		t.Fatal("NIOBIUM_NB is not set; run this through: ./test interop")
	}
	return path
}

// tool is one of the two programs, used in the same way.
type tool struct {
	name    string
	command func(t *testing.T) []string
}

var tools = []tool{
	{"Go", func(t *testing.T) []string { return []string{goTool(t)} }},
	{"nb", func(t *testing.T) []string { return []string{ourTool(t), "principal"} }},
}

// run runs it as the principal of a folder, and returns what it prints.
func (tool tool) run(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	words := append(tool.command(t), arguments...)
	command := exec.Command(words[0], words[1:]...)
	command.Env = append(append(os.Environ(), "V23_CREDENTIALS="+folder), goVDL...)
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	if err := command.Run(); err != nil {
		t.Fatalf("%s %.300q: %v\n%s%s", tool.name, arguments, err, out.String(), errors.String())
	}
	return strings.TrimSpace(out.String())
}

// file keeps text in a file.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(path, []byte(text+"\n"), 0600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every verb of one tool works on what the other one made; the story is told four times, by both and for both.
func TestTools(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		for _, maker := range tools {
			for _, user := range tools {
				t.Run("made with "+maker.name+", used with "+user.name, func(t *testing.T) {
					alice, bob, carol := filepath.Join(t.TempDir(), "alice"), filepath.Join(t.TempDir(), "bob"), filepath.Join(t.TempDir(), "carol")
					maker.run(t, "", "create", "--with-passphrase=false", "--key-type="+keyType, alice, "alice")
					maker.run(t, "", "create", "--with-passphrase=false", "--key-type="+keyType, bob)
					if got := user.run(t, alice, "get", "default", "--names"); got != "alice" {
						t.Errorf("alice is %s", got)
					}
					if got, want := user.run(t, bob, "get", "publickey"), maker.run(t, bob, "get", "publickey"); got != want {
						t.Errorf("bob's key: %s and %s", got, want)
					}
					// alice blesses bob, who is given as a folder, as a key, and by his blessings.
					friend := maker.run(t, alice, "bless", "--for=24h", `--caveat="v.io/v23/security".MethodCaveat={"Get"}`, bob, "friend")
					byKey := user.run(t, alice, "bless", "--require-caveats=false", file(t, user.run(t, bob, "get", "publickey")), "key")
					byBlessings := user.run(t, alice, "bless", "--for=1h", file(t, friend), "again")
					both := user.run(t, "", "union", file(t, friend), byKey, byBlessings)
					maker.run(t, bob, "set", "default", file(t, both))
					if got, want := user.run(t, bob, "get", "default", "--names"), "alice:again\nalice:friend\nalice:key"; got != want {
						t.Errorf("bob is %q, want %q", got, want)
					}
					if got := user.run(t, bob, "get", "default"); got != both {
						t.Errorf("other blessings: %s", got)
					}
					if got, want := user.run(t, bob, "get", "recognizedroots"), maker.run(t, bob, "get", "recognizedroots"); !strings.Contains(got, "alice") || !strings.Contains(want, "alice") {
						t.Errorf("bob recognizes %s, %s", got, want)
					}
					// For peers, and no more for peers.
					self := user.run(t, bob, "blessself", "bob")
					maker.run(t, bob, "set", "forpeer", file(t, self), "carol")
					if got := user.run(t, bob, "get", "forpeer", "--names", "carol:phone"); got != "bob" {
						t.Errorf("carol's phone sees %s", got)
					}
					if got := user.run(t, bob, "get", "peermap"); !strings.Contains(got, "carol") {
						t.Errorf("peers: %s", got)
					}
					// carol is forked from bob and recognizes by key and by blessings.
					user.run(t, bob, "fork", "--with-passphrase=false", "--key-type="+keyType, "--for=1h", carol, "carol")
					if got := maker.run(t, carol, "get", "default", "--names"); !strings.Contains(got, "alice:friend:carol") {
						t.Errorf("carol is %s", got)
					}
					user.run(t, carol, "recognize", "bob", user.run(t, bob, "get", "publickey"))
					maker.run(t, carol, "recognize", file(t, self))
					roots := strings.Fields(user.run(t, "", "dumproots", file(t, both)))
					if len(roots) != 3 {
						t.Errorf("%d roots", len(roots))
					}
					for _, tool := range []tool{maker, user} {
						if got := tool.run(t, "", "dumpblessings", file(t, both)); !strings.Contains(got, "friend") {
							t.Errorf("%s", got)
						}
						if got := tool.run(t, carol, "dump"); !strings.Contains(got, "bob") {
							t.Errorf("%s", got)
						}
					}
				})
			}
		}
	})
}

// The answers in JSON are documents, with the text that Go's tool reads.
func TestJSON(t *testing.T) {
	nb, gopher := tools[1], tools[0]
	folder := filepath.Join(t.TempDir(), "alice")
	nb.run(t, "", "--json", "create", "--with-passphrase=false", folder, "alice")
	for _, arguments := range [][]string{{"dump"}, {"get", "default"}, {"get", "publickey"}, {"get", "recognizedroots"}, {"get", "peermap"}, {"blessself", "x"}} {
		t.Run(strings.Join(arguments, " "), func(t *testing.T) {
			var document interface{}
			out := nb.run(t, folder, append([]string{"--json"}, arguments...)...)
			if err := json.Unmarshal([]byte(out), &document); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			if fields, ok := document.(map[string]interface{}); ok && fields["text"] != nil {
				gopher.run(t, "", "dumpblessings", file(t, fields["text"].(string)))
			}
		})
	}
}

// A key that one tool encrypts, the other one decrypts.
func TestEncryptedKeysOfTools(t *testing.T) {
	forEachKeyType(t, func(t *testing.T, keyType string) {
		folder := filepath.Join(t.TempDir(), "ours")
		passphrase := file(t, secret)
		tools[1].run(t, "", "--passphrase-file="+passphrase, "create", "--key-type="+keyType, folder, "ours")
		if got := goOpen(t, folder, secret); mustDefault(got).String() != "ours" {
			t.Errorf("Go reads %v", got)
		}
		folder, _ = goFolder(t, keyType, secret)
		if got := tools[1].run(t, folder, "--passphrase-file="+passphrase, "blessself", "theirs"); blessingsOf(t, got).String() != "theirs" {
			t.Errorf("we read %s", got)
		}
	})
}
