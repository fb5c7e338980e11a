package interop

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/rpc"
	"v.io/v23/security"
	seclib "v.io/x/ref/lib/security"
	_ "v.io/x/ref/runtime/factories/generic"
)

// connectionKeys are the kinds of keys that connections are tried with.
var connectionKeys = []string{"ecdsa256", "ed25519", "rsa2048"}

var (
	goRuntimeOnce    sync.Once
	goRuntimeContext *context.T
)

// goContext is of Go's runtime, acting as the principal in a folder, and ends with the test. Servers made from it
// listen on loopback.
func goContext(t *testing.T, folder string) *context.T {
	t.Helper()
	goRuntimeOnce.Do(func() {
		// It cannot be made twice; it goes with the process.
		goRuntimeContext, _ = v23.Init()
		v23.GetNamespace(goRuntimeContext).SetRoots() //nolint:errcheck
	})
	ctx, cancel := context.WithCancel(goRuntimeContext)
	t.Cleanup(cancel)
	ctx, err := v23.WithPrincipal(ctx, goOpened(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	ctx = v23.WithListenSpec(ctx, rpc.ListenSpec{Addrs: rpc.ListenAddrs{{Protocol: "tcp", Address: "127.0.0.1:0"}}})
	return ctx
}

func goOpened(t *testing.T, folder string) security.Principal {
	t.Helper()
	p, err := seclib.LoadPersistentPrincipal(folder, nil)
	if err != nil {
		t.Fatalf("Go cannot open the folder: %v", err)
	}
	return p
}

// family is a pair of folders, made with our tool and read by both sides: "alice", and "alice:client" whom she has
// blessed. Each believes the other by the default rules.
type family struct{ server, client string }

func newFamily(t *testing.T, keyType string) family {
	t.Helper()
	nb, folder := tools[1], t.TempDir()
	f := family{filepath.Join(folder, "server"), filepath.Join(folder, "client")}
	nb.run(t, "", "create", "--with-passphrase=false", "--key-type="+keyType, f.server, "alice")
	nb.run(t, f.server, "fork", "--with-passphrase=false", "--key-type="+keyType, "--require-caveats=false", f.client, "client")
	return f
}

// newStranger is the folder of somebody whom the others do not know.
func newStranger(t *testing.T, keyType, name string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	tools[1].run(t, "", "create", "--with-passphrase=false", "--key-type="+keyType, folder, name)
	return folder
}

// program is one of ours that is running: a line in, a line out.
type program struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	mu      sync.Mutex
}

// start runs the program that a variable of the environment names, until the test ends.
func start(t *testing.T, variable string, words ...string) *program {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatalf("%s is not set; run this through: ./test interop", variable)
	}
	command := exec.Command(path, words...)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{command: command, in: in, out: bufio.NewReaderSize(out, 1<<20)}
	t.Cleanup(func() {
		in.Close()
		// One that does not end by itself when its input does is stopped.
		command.Process.Kill() //nolint:errcheck
		command.Wait()         //nolint:errcheck
	})
	return p
}

func (p *program) line(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("our program is gone: %v", err)
	}
	return strings.TrimSuffix(line, "\n")
}
