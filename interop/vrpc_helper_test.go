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

	"v.io/x/ref/lib/vdl/build"
	"v.io/x/ref/lib/vdl/codegen/golang"
	"v.io/x/ref/lib/vdl/compile"
)

var (
	vrpcOnce       sync.Once
	vrpcPath       string // Go's vrpc, and
	exchangeServer string // Go's server of exchange with generated code, both built once
)

// vrpcPrograms builds what these tests need of Go's.
func vrpcPrograms(t *testing.T) {
	t.Helper()
	vrpcOnce.Do(func() {
		folder, err := os.MkdirTemp("", "vrpc")
		if err != nil {
			t.Fatal(err)
		}
		source, err := generatedExchange(folder)
		if err != nil {
			t.Error(err)
			return
		}
		generated := filepath.Join(folder, "exchange.vdl.go")
		if err := os.WriteFile(generated, source, 0600); err != nil {
			t.Error(err)
			return
		}
		here, _ := os.Getwd()
		overlay, _ := json.Marshal(map[string]interface{}{"Replace": map[string]string{filepath.Join(here, "exchange", "exchange.vdl.go"): generated}})
		overlays := filepath.Join(folder, "overlay.json")
		if err := os.WriteFile(overlays, overlay, 0600); err != nil {
			t.Error(err)
			return
		}
		vrpc, server := filepath.Join(folder, "vrpc"), filepath.Join(folder, "exchangeserver")
		if out, err := exec.Command("go", "build", "-o", vrpc, "v.io/x/ref/cmd/vrpc").CombinedOutput(); err != nil {
			t.Errorf("%s", out)
			return
		}
		if out, err := exec.Command("go", "build", "-overlay", overlays, "-tags", "generated", "-o", server, "./exchangeserver").CombinedOutput(); err != nil {
			t.Errorf("%s", out)
			return
		}
		vrpcPath, exchangeServer = vrpc, server
	})
	if vrpcPath == "" {
		t.Fatal("Go's programs could not be built")
	}
}

// generatedExchange is what Go's vdl makes of calls/exchange/exchange.vdl. It asks a tool to put in what is still to be
// imported, which is fmt here; for that tool something stands in the folder that does no more.
func generatedExchange(folder string) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(folder, "goimports"), []byte("#!/bin/sh\nexec sed '0,/^import (/s//import (\"fmt\"/'\n"), 0700); err != nil {
		return nil, err
	}
	path := os.Getenv("PATH")
	os.Setenv("PATH", folder+":"+path)
	defer os.Setenv("PATH", path)
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "v.io").Output()
	if err != nil {
		return nil, err
	}
	calls, _ := filepath.Abs("calls")
	root := strings.TrimSpace(string(module))
	os.Setenv("VDLPATH", calls+":"+root)
	os.Setenv("VDLROOT", filepath.Join(root, "v23", "vdlroot"))
	defer os.Unsetenv("VDLPATH")
	defer os.Unsetenv("VDLROOT")
	env := compile.NewEnv(-1)
	var source []byte
	for _, pkg := range build.TransitivePackages([]string{"exchange"}, build.UnknownPathIsError, build.Opts{}, env.Errors, env.Warnings) {
		compiled := build.BuildPackage(pkg, env)
		if env.Errors.ToError() == nil && pkg.Path == "exchange" {
			source = golang.Generate(compiled, env)
		}
	}
	return source, env.Errors.ToError()
}

// run runs a program as the principal of a folder with that input, and gives what it prints and how it ends.
func runAs(t *testing.T, folder, input string, words ...string) (out, errors string, status int) {
	t.Helper()
	command := exec.Command(words[0], words[1:]...)
	command.Env = append(os.Environ(), "V23_CREDENTIALS="+folder)
	command.Stdin = strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		if _, ended := err.(*exec.ExitError); !ended {
			t.Fatal(err)
		}
	}
	return stdout.String(), stderr.String(), command.ProcessState.ExitCode()
}
