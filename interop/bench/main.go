// Bench is Go Vanadium as a peer of bench/side_by_side; bench/peers/peer.h says what that is. Its calls are those of
// bench/echo/echo.vdl, in plain Go: nothing is generated.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/rpc"
	"v.io/v23/security"
	seclib "v.io/x/ref/lib/security"
	_ "v.io/x/ref/runtime/factories/generic"
)

func must(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

// ---- principals, as in bench/peers/family.h ----

func principal() (security.Principal, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return principalOf(key), key
}

func principalOf(key *ecdsa.PrivateKey) security.Principal {
	signer, err := security.NewInMemoryECDSASigner(key)
	must(err)
	p, err := seclib.NewPrincipalFromSigner(signer)
	must(err)
	return p
}

func makeFamily(folder string) {
	head, key := principal()
	self, err := head.BlessSelf("family")
	must(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	text, err := seclib.EncodeBlessingsBase64(self)
	must(err)
	must(os.WriteFile(filepath.Join(folder, "family.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0600))
	must(os.WriteFile(filepath.Join(folder, "family.blessings"), []byte(text), 0600))
}

func member(folder, name string) security.Principal {
	encoded, err := os.ReadFile(filepath.Join(folder, "family.pem"))
	must(err)
	block, _ := pem.Decode(encoded)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	must(err)
	text, err := os.ReadFile(filepath.Join(folder, "family.blessings"))
	must(err)
	self, err := seclib.DecodeBlessingsBase64(string(text))
	must(err)
	made, _ := principal()
	blessings, err := principalOf(key.(*ecdsa.PrivateKey)).Bless(made.PublicKey(), self, name, security.UnconstrainedUse())
	must(err)
	must(seclib.SetDefaultBlessings(made, blessings))
	return made
}

// ---- server ----

type echo struct{}

func (echo) Bytes(_ *context.T, _ rpc.ServerCall, data []byte) ([]byte, error) { return data, nil }

func (echo) Chat(_ *context.T, call rpc.StreamServerCall) error {
	for {
		var item []byte
		if err := call.Recv(&item); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := call.Send(item); err != nil {
			return err
		}
	}
}

func (echo) Push(_ *context.T, call rpc.StreamServerCall) (int64, error) {
	for total := int64(0); ; {
		var item []byte
		if err := call.Recv(&item); err == io.EOF {
			return total, nil
		} else if err != nil {
			return 0, err
		}
		total += int64(len(item))
	}
}

func (echo) Feed(_ *context.T, call rpc.StreamServerCall, count, size int64) error {
	item := make([]byte, size)
	for ; count > 0; count-- {
		if err := call.Send(item); err != nil {
			return err
		}
	}
	return nil
}

func serve(ctx *context.T) {
	ctx = v23.WithListenSpec(ctx, rpc.ListenSpec{Addrs: rpc.ListenAddrs{{Protocol: "tcp", Address: "127.0.0.1:0"}}})
	_, server, err := v23.WithNewServer(ctx, "", echo{}, security.AllowEveryone())
	must(err)
	fmt.Println("ready", server.Status().Endpoints[0].Name())
	commands(func(command string, _, _, _ int) (string, error) {
		return "", errors.New("there is no command " + command)
	})
}

// ---- client ----

type client struct {
	ctx    *context.T
	server string
}

func (c *client) echo(ctx *context.T, data []byte) error {
	var back []byte
	return v23.GetClient(ctx).Call(ctx, c.server, "Bytes", []interface{}{data}, []interface{}{&back})
}

// several runs count operations on so many goroutines, and gives how long each took.
func several(count, inFlight int, operation func(worker int) error) ([]time.Duration, error) {
	var group sync.WaitGroup
	took := make([][]time.Duration, inFlight)
	failed := make([]error, inFlight)
	for worker := 0; worker < inFlight; worker++ {
		share := count / inFlight
		if worker < count%inFlight {
			share++
		}
		group.Add(1)
		go func(worker, share int) {
			defer group.Done()
			for ; share > 0 && failed[worker] == nil; share-- {
				began := time.Now()
				failed[worker] = operation(worker)
				took[worker] = append(took[worker], time.Since(began))
			}
		}(worker, share)
	}
	group.Wait()
	var all []time.Duration
	for worker := range took {
		if failed[worker] != nil {
			return nil, failed[worker]
		}
		all = append(all, took[worker]...)
	}
	return all, nil
}

func (c *client) do(command string, count, size, inFlight int) ([]time.Duration, error) {
	data := make([]byte, size)
	switch command {
	case "call":
		return several(count, inFlight, func(int) error { return c.echo(c.ctx, data) })
	case "feed":
		call, err := v23.GetClient(c.ctx).StartCall(c.ctx, c.server, "Feed", []interface{}{int64(count), int64(size)})
		if err != nil {
			return nil, err
		}
		for {
			var item []byte
			if err := call.Recv(&item); err == io.EOF {
				return nil, call.Finish()
			} else if err != nil {
				return nil, err
			}
		}
	case "push":
		call, err := v23.GetClient(c.ctx).StartCall(c.ctx, c.server, "Push", nil)
		if err != nil {
			return nil, err
		}
		for ; count > 0; count-- {
			if err := call.Send(data); err != nil {
				return nil, err
			}
		}
		var total int64
		return nil, call.Finish(&total)
	case "connect_and_call":
		return several(count, 1, func(int) error {
			// A client of its own has connections of its own.
			ctx, cancel := context.WithCancel(c.ctx)
			defer cancel()
			ctx, client, err := v23.WithNewClient(ctx)
			if err != nil {
				return err
			}
			defer client.Close()
			return c.echo(ctx, []byte{1})
		})
	}
	return nil, errUnsupported
}

var errUnsupported = errors.New("unsupported")

func processorTime() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage) //nolint:errcheck
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func commands(do func(command string, count, size, inFlight int) (string, error)) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var command string
		var count, size, inFlight int
		fmt.Sscan(lines.Text(), &command, &count, &size, &inFlight) //nolint:errcheck
		if command == "usage" {
			fmt.Printf("cpu=%d\n", processorTime())
			continue
		}
		answer, err := do(command, count, size, inFlight)
		if err == errUnsupported {
			answer = "unsupported"
		} else if err != nil {
			answer = "error " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(answer)
	}
}

func (c *client) run() {
	fmt.Println("ready")
	commands(func(command string, count, size, inFlight int) (string, error) {
		if command == "prepare" {
			return "done", nil
		}
		before, began := processorTime(), time.Now()
		took, err := c.do(command, count, size, inFlight)
		if err != nil {
			return "", err
		}
		wall := time.Since(began)
		sort.Slice(took, func(a, b int) bool { return took[a] < took[b] })
		at := func(part float64) int64 {
			if len(took) == 0 {
				return 0
			}
			return int64(took[int(part*float64(len(took)-1))])
		}
		return fmt.Sprintf("wall=%d cpu=%d p50=%d p99=%d", wall, processorTime()-before, at(0.5), at(0.99)), nil
	})
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "bench/side_by_side starts this")
		os.Exit(1)
	}
	role, folder, rest := os.Args[1], os.Args[3], os.Args[4:]
	os.Args = os.Args[:1] // the runtime reads flags
	if role == "server" {
		makeFamily(folder)
	}
	ctx, shutdown := v23.Init()
	defer shutdown()
	v23.GetNamespace(ctx).SetRoots() //nolint:errcheck
	ctx, err := v23.WithPrincipal(ctx, member(folder, role))
	must(err)
	if role == "server" {
		serve(ctx)
		return
	}
	c := client{ctx: ctx, server: rest[0]}
	c.run()
}
