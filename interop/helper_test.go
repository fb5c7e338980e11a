// Package interop compares our codecs with those of the Go implementation. Ours are asked through a program that
// meson builds from helper/; NIOBIUM_INTEROP_HELPER is its path.
package interop

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"v.io/v23/vdl"
	"v.io/v23/vom"
)

type helper struct {
	in  io.WriteCloser
	out *bufio.Reader
}

var ours helper

func TestMain(m *testing.M) {
	path := os.Getenv("NIOBIUM_INTEROP_HELPER")
	if path == "" {
		fmt.Fprintln(os.Stderr, "NIOBIUM_INTEROP_HELPER is not set; run this through: ./test interop")
		os.Exit(2)
	}
	command := exec.Command(path)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		panic(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := command.Start(); err != nil {
		panic(err)
	}
	ours = helper{in, bufio.NewReaderSize(out, 1<<20)}
	status := m.Run()
	in.Close()
	if err := command.Wait(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, "the helper failed:", err)
		status = 1
	}
	os.Exit(status)
}

// ask sends one command and returns the answer.
func ask(t *testing.T, words ...string) string {
	t.Helper()
	if _, err := fmt.Fprintln(ours.in, strings.Join(words, " ")); err != nil {
		t.Fatalf("the helper is gone: %v", err)
	}
	line, err := ours.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the helper did not answer %.200q: %v", words, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// askBytes is ask for answers in hexadecimal.
func askBytes(t *testing.T, words ...string) []byte {
	t.Helper()
	answer := ask(t, words...)
	bytes, err := hex.DecodeString(answer)
	if err != nil {
		t.Fatalf("asked %.300q, got %.300q", words, answer)
	}
	return bytes
}

func encode(t *testing.T, value interface{}) string {
	t.Helper()
	bytes, err := vom.Encode(value)
	if err != nil {
		t.Fatalf("Go cannot encode %v: %v", value, err)
	}
	return hex.EncodeToString(bytes)
}

// decode reads bytes of ours with Go's decoder, without a Go type in the way.
func decode(t *testing.T, bytes []byte) *vdl.Value {
	t.Helper()
	var value *vdl.Value
	if err := vom.Decode(bytes, &value); err != nil {
		t.Fatalf("Go cannot decode %x: %v", bytes, err)
	}
	return value
}

func wantEqual(t *testing.T, got, want *vdl.Value) {
	t.Helper()
	if !vdl.EqualValue(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
