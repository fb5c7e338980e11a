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

	"v.io/v23/naming"
	"v.io/v23/security/access"
)

var goPrograms sync.Map // paths by package

// goProgram is one of Go's, built once.
func goProgram(t *testing.T, pkg string) string {
	t.Helper()
	if path, ok := goPrograms.Load(pkg); ok {
		return path.(string)
	}
	folder, err := os.MkdirTemp("", "program")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, filepath.Base(pkg))
	if out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", pkg, err, out)
	}
	goPrograms.Store(pkg, path)
	return path
}

// goToolNamer works with Go's command line, `namespace`.
type goToolNamer struct{ folder, table string }

func (n goToolNamer) run(t *testing.T, input string, words ...string) (string, string, error) {
	t.Helper()
	command := exec.Command(goProgram(t, "v.io/x/ref/cmd/namespace"), words...)
	command.Env = append(os.Environ(), "V23_CREDENTIALS="+n.folder, "V23_NAMESPACE="+n.table)
	command.Stdin = strings.NewReader(input)
	var out, failure bytes.Buffer
	command.Stdout, command.Stderr = &out, &failure
	err := command.Run()
	return strings.TrimSpace(out.String()), failure.String(), err
}

func (n goToolNamer) must(t *testing.T, input string, words ...string) string {
	t.Helper()
	out, failure, err := n.run(t, input, words...)
	if err != nil {
		t.Fatalf("namespace %s: %s", strings.Join(words, " "), failure)
	}
	return out
}

func (n goToolNamer) mount(t *testing.T, name, server string) {
	t.Helper()
	n.must(t, "", "mount", name, server, "1h")
}

func (n goToolNamer) unmount(t *testing.T, name string) {
	t.Helper()
	n.must(t, "", "unmount", name, "")
}

func (n goToolNamer) glob(t *testing.T, pattern string) []string {
	t.Helper()
	found := map[string]bool{}
	for _, line := range strings.Split(n.must(t, "", "glob", pattern), "\n") {
		if line != "" {
			found[line] = true
		}
	}
	return sorted(found)
}

func (n goToolNamer) resolve(t *testing.T, name string) string {
	t.Helper()
	out, failure, err := n.run(t, "", "resolve", name)
	if err != nil {
		if strings.Contains(failure, "doesn't exist") {
			return string(naming.ErrNoSuchName.ID)
		}
		return failure
	}
	return strings.Join(strings.Fields(out), " ")
}

func (n goToolNamer) setPermissions(t *testing.T, name string, perms access.Permissions) {
	t.Helper()
	text, err := json.Marshal(perms)
	if err != nil {
		t.Fatal(err)
	}
	n.must(t, string(text), "permissions", "set", name, "-")
}

func (n goToolNamer) permissions(t *testing.T, name string) access.Permissions {
	t.Helper()
	var perms access.Permissions
	if err := json.Unmarshal([]byte(n.must(t, "", "permissions", "get", name)), &perms); err != nil {
		t.Fatal(err)
	}
	return perms
}
