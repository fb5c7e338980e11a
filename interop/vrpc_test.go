package interop

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v23 "v.io/v23"
	"v.io/v23/options"
	"v.io/v23/vdl"
	"v.io/v23/vdlroot/signature"
	"v.io/v23/vom"
)

func signatureOf(t *testing.T, folder, name string) []signature.Interface {
	t.Helper()
	var result []signature.Interface
	if err := v23.GetClient(goContext(t, folder)).Call(goContext(t, folder), name, "__Signature", nil, []interface{}{&result}, options.Preresolved{}); err != nil {
		t.Fatal(err)
	}
	return result
}

// asSent is the value with the types that the server gave it.
func asSent(t *testing.T, folder, name string) *vdl.Value {
	t.Helper()
	var result *vdl.Value
	if err := v23.GetClient(goContext(t, folder)).Call(goContext(t, folder), name, "__Signature", nil, []interface{}{&result}, options.Preresolved{}); err != nil {
		t.Fatal(err)
	}
	return result
}

func goExchange(t *testing.T, folder string) string {
	t.Helper()
	vrpcPrograms(t)
	t.Setenv("V23_CREDENTIALS", folder)
	return start(t, exchangeServerVariable(t)).line(t)
}

func exchangeServerVariable(t *testing.T) string {
	const variable = "NIOBIUM_INTEROP_EXCHANGE_SERVER"
	t.Setenv(variable, exchangeServer)
	return variable
}

// What our servers say of a package is to the byte what Go's say with the code that Go's vdl generates from the same file.
func TestSignaturesOfServers(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	theirs := goExchange(t, f.server)
	ours := start(t, callsVariable, f.server).serve(t, "default", "tcp")
	t.Run("the interfaces of the package", func(t *testing.T) {
		a, b := asSent(t, f.client, theirs), asSent(t, f.client, ours)
		if a.Len() != 2 || b.Len() != 2 {
			t.Fatalf("%d and %d interfaces", a.Len(), b.Len())
		}
		x, err := vom.Encode(a.Index(0))
		if err != nil {
			t.Fatal(err)
		}
		y, err := vom.Encode(b.Index(0))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(x, y) {
			t.Errorf("Go's:\n%v\nours:\n%v", a.Index(0), b.Index(0))
		}
	})
	t.Run("the reserved interface, but for its comments", func(t *testing.T) {
		strip := func(interfaces []signature.Interface) signature.Interface {
			reserved := interfaces[1]
			reserved.Doc = ""
			for i := range reserved.Methods {
				m := &reserved.Methods[i]
				m.Doc = ""
				for j := range m.InArgs {
					m.InArgs[j].Doc = ""
				}
				for j := range m.OutArgs {
					m.OutArgs[j].Doc = ""
				}
				if m.OutStream != nil {
					m.OutStream.Doc = ""
				}
			}
			return reserved
		}
		a, b := vdl.ValueOf(strip(signatureOf(t, f.client, theirs))), vdl.ValueOf(strip(signatureOf(t, f.client, ours)))
		wantEqual(t, b, a)
	})
	t.Run("of a method", func(t *testing.T) {
		for _, method := range []string{"Mix", "Chat", "Count", "Sum", "__Glob", "__Signature", "__MethodSignature"} {
			var a, b signature.Method
			for name, result := range map[string]*signature.Method{theirs: &a, ours: &b} {
				if err := v23.GetClient(goContext(t, f.client)).Call(goContext(t, f.client), name, "__MethodSignature", []interface{}{method}, []interface{}{result}); err != nil {
					t.Fatal(err)
				}
			}
			if a.Name != b.Name || len(a.InArgs) != len(b.InArgs) || (!strings.HasPrefix(method, "__") && !vdl.EqualValue(vdl.ValueOf(a), vdl.ValueOf(b))) {
				t.Errorf("%s: Go's %v, ours %v", method, a, b)
			}
		}
	})
	t.Run("with interfaces embedded and tags, but for comments", func(t *testing.T) {
		bare := func(interfaces []signature.Interface) *vdl.Value {
			for i := range interfaces {
				x := &interfaces[i]
				x.Doc = ""
				for j := range x.Embeds {
					x.Embeds[j].Doc = ""
				}
				for j := range x.Methods {
					x.Methods[j].Doc = ""
				}
			}
			return vdl.ValueOf(interfaces[:2])
		}
		wantEqual(t, bare(signatureOf(t, f.client, ourTable(t, f.server))), bare(signatureOf(t, f.client, goTable(t, f.server))))
	})
}

// Go's vrpc against our server.
func TestVrpc(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	vrpcPrograms(t)
	name := start(t, callsVariable, f.server).serve(t, "default", "tcp")
	for _, each := range []struct {
		what   string
		words  []string
		status int
		want   []string
	}{
		{"signature", []string{"signature", name}, 0, []string{`type "exchange".Exchange interface {`, "Chat() stream<string, string> (texts int32 | error)", `type "exchange".Item struct`}},
		{"signature with what is reserved", []string{"signature", "-show-reserved", name}, 0, []string{"__MethodSignature(method string)"}},
		{"signature of a method", []string{"signature", name, "Count"}, 0, []string{`Count(upto int32) stream<_, "exchange".Item> error`}},
		{"signature of what is not there", []string{"signature", name, "Nothing"}, 1, []string{"method does not exist"}},
		{"identify", []string{"identify", name}, 0, []string{"PRESENTED: alice", "VALID:     [alice]"}},
		{"unary", []string{"call", name, "Mix", "2", `"keys: "`, `"ab"`, `{"tea", 40, 2.5, ""}`, `{"b": 2, "a": 1}`}, 0, []string{"int64(42)", "keys: ab", `Name: "tea"`}},
		{"unary in JSON", []string{"-json", "call", name, "Mix", "2", `"k"`, `""`, `{"tea", 40, 2.5, ""}`, `{}`}, 0, []string{"42"}},
		{"server stream", []string{"call", name, "Count", "2"}, 0, []string{"<< ", "item 1", "item 2"}},
		{"a declared error", []string{"call", name, "Refuse", `"the moon"`, "17"}, 1, []string{"refused because of the moon (17)"}},
	} {
		t.Run(each.what, func(t *testing.T) {
			out, errors, status := runAs(t, f.client, "", append([]string{vrpcPath}, each.words...)...)
			for _, want := range each.want {
				if status != each.status || !strings.Contains(out+errors, want) {
					t.Fatalf("ended with %d, want %d and %s\n%s%s", status, each.status, want, out, errors)
				}
			}
		})
	}
}

// A line of docs/nb-call.md that begins with $ is run as it stands; what follows is what it prints, and its status if that is
// not 0.
func transcript(t *testing.T, folder, name, page string) string {
	t.Helper()
	var result strings.Builder
	inside, skips := false, false
	for _, line := range strings.SplitAfter(page, "\n") {
		if strings.HasPrefix(line, "```") {
			inside, skips = line == "```console\n", false
		}
		if !inside || line == "```console\n" {
			result.WriteString(line)
			continue
		}
		if strings.HasPrefix(line, "$ ") {
			result.WriteString(line)
			t.Setenv("NAME", name)
			t.Setenv("PATH", filepath.Dir(ourTool(t))+":"+os.Getenv("PATH"))
			out, errors, status := runAs(t, folder, "", "bash", "-c", strings.TrimPrefix(line, "$ "))
			result.WriteString(out + errors)
			if status != 0 {
				result.WriteString("status " + string(rune('0'+status)) + "\n")
			}
			skips = true
			continue
		}
		if !skips {
			result.WriteString(line)
		}
	}
	return result.String()
}

// nb against Go's server; docs/nb-call.md is what this prints.
func TestNbCall(t *testing.T) {
	f := newFamily(t, "ecdsa256")
	name := goExchange(t, f.server)
	t.Run("the page", func(t *testing.T) {
		path := filepath.Join("..", "docs", "nb-call.md")
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := transcript(t, f.client, name, string(page))
		if os.Getenv("NIOBIUM_REFRESH") != "" {
			if err := os.WriteFile(path, []byte(got), 0644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(page) {
			t.Errorf("docs/nb-call.md is not what nb prints; NIOBIUM_REFRESH=1 writes it anew. Now:\n%s", got)
		}
	})
	for _, each := range []struct {
		what   string
		words  []string
		input  string
		status int
		want   string
	}{
		{"unary", []string{"call", name, "Mix", "2", `"keys: "`, `"\x00\xff"`, `{Name: "tea", Count: 40, Price: 2.5}`, `{"b": 2, "a": 1}`}, "", 0, "int64(42)\n\"keys: ab\"\nexchange.Item{Name: \"tea\", Count: 40, Price: 2.5, Data: \"\\x00\\xff\"}\n"},
		{"server stream", []string{"call", name, "Count", "2"}, "", 0, "<< exchange.Item{Name: \"item 1\", Count: 1, Price: 0.5}\n<< exchange.Item{Name: \"item 2\", Count: 2, Price: 1}\n"},
		{"client stream", []string{"call", name, "Sum"}, "{Count: 3}\n\nexchange.Item{Count: 4}", 0, "int64(7)\nint64(2)\n"},
		{"both streams", []string{"call", name, "Chat"}, "\"abc\"\n\"xy\"\n", 0, "<< \"cba\"\n<< \"yx\"\nint32(2)\n"},
		{"JSON", []string{"--json", "call", name, "Chat"}, "\"abc\"\n", 0, "{\"item\":\"cba\"}\n{\"results\":[1]}\n"},
		{"a declared error", []string{"call", name, "Refuse", `"the moon"`, "17"}, "", 3, "refused because of the moon (17)"},
		{"no such method", []string{"call", name, "Nothing"}, "", 5, "method does not exist"},
		{"a bad item", []string{"call", name, "Chat"}, "\"abc\"\n7\n", 2, "item in line 2 of type string"},
		{"a deadline", []string{"call", "--timeout", "2s", name, "Wait", "60000"}, "", 7, "timeout"},
		{"identify", []string{"identify", name}, "", 0, "VALID:     alice"},
		{"signature", []string{"signature", name, "Sum"}, "", 0, "Sum() stream<exchange.Item> (total int64, items int64 | error)"},
		{"ping", []string{"ping", "--count", "2", "--interval", "0s", name}, "", 0, "2 answers"},
	} {
		t.Run(each.what, func(t *testing.T) {
			out, errors, status := runAs(t, f.client, each.input, append([]string{ourTool(t)}, each.words...)...)
			if status != each.status || !strings.Contains(out+errors, each.want) {
				t.Errorf("ended with %d, want %d and %s\n%s%s", status, each.status, each.want, out, errors)
			}
		})
	}
	t.Run("a server that does not let us", func(t *testing.T) {
		stranger := newStranger(t, "ecdsa256", "carol")
		tools[1].run(t, stranger, "recognize", file(t, tools[1].run(t, f.server, "get", "default")))
		if out, errors, status := runAs(t, stranger, "", ourTool(t), "call", name, "Echo", `"x"`); status != 4 {
			t.Errorf("ended with %d\n%s%s", status, out, errors)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		if out, errors, status := runAs(t, f.client, "", ourTool(t), "call", "--timeout", "5s", "/127.0.0.1:1", "Echo", `"x"`); status != 6 && status != 7 {
			t.Errorf("ended with %d\n%s%s", status, out, errors)
		}
	})
}
