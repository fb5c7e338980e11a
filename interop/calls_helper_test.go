package interop

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/rpc"
	"v.io/v23/security"
	"v.io/v23/verror"
)

// Go's client and server of calls/exchange/exchange.vdl, in plain Go: nothing is generated.

type item struct {
	Name  string
	Count int64
	Price float64
	Data  []byte
}

func (item) VDLReflect(struct {
	Name string `vdl:"exchange.Item"`
}) {
}

var errRefused = verror.IDAction{ID: "exchange.Refused", Action: verror.NoRetry}

// bulk makes the bytes of a transfer, and sums up what passes; calls/bulk.h has the same rules.
type bulk struct {
	count, sum uint64
	size       int64
}

const chunkSize = 32 * 1024

func newBulk() *bulk { return &bulk{sum: 0xcbf29ce484222325} }

func (b *bulk) next(chunk []byte) {
	for at := 0; at+8 <= len(chunk); at += 8 {
		b.count++
		binary.LittleEndian.PutUint64(chunk[at:], b.count*0x9e3779b97f4a7c15)
	}
}

func (b *bulk) add(chunk []byte) {
	b.size += int64(len(chunk))
	for at := 0; at+8 <= len(chunk); at += 8 {
		b.sum = (b.sum ^ binary.LittleEndian.Uint64(chunk[at:])) * 0x100000001b3
	}
}

func backwards(text string) string {
	bytes := []byte(text)
	for i, j := 0, len(bytes)-1; i < j; i, j = i+1, j-1 {
		bytes[i], bytes[j] = bytes[j], bytes[i]
	}
	return string(bytes)
}

type exchange struct{ begun, cancelled int32 }

func (*exchange) Mix(_ *context.T, _ rpc.ServerCall, a int32, b string, c []byte, d item, e map[string]float64) (int64, string, item, error) {
	var keys []string
	for key := range e {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	sum := int64(a) + d.Count
	d.Data = c
	return sum, b + strings.Join(keys, ""), d, nil
}

func (*exchange) Echo(_ *context.T, _ rpc.ServerCall, data []byte) ([]byte, error) { return data, nil }

func (*exchange) Refuse(ctx *context.T, _ rpc.ServerCall, reason string, code int32) error {
	return errRefused.Message(ctx, fmt.Sprintf("refused because of %s (%d)", reason, code), reason, code)
}

func (*exchange) Count(_ *context.T, call rpc.StreamServerCall, upto int32) error {
	for i := int32(1); i <= upto; i++ {
		if err := call.Send(item{fmt.Sprintf("item %d", i), int64(i), float64(i) / 2, make([]byte, i)}); err != nil {
			return err
		}
	}
	return nil
}

func (*exchange) Sum(_ *context.T, call rpc.StreamServerCall) (total, items int64, _ error) {
	for {
		var next item
		if err := call.Recv(&next); err == io.EOF {
			return total, items, nil
		} else if err != nil {
			return 0, 0, err
		}
		total += next.Count
		items++
	}
}

func (*exchange) Chat(_ *context.T, call rpc.StreamServerCall) (int32, error) {
	for texts := int32(0); ; texts++ {
		var text string
		if err := call.Recv(&text); err == io.EOF {
			return texts, nil
		} else if err != nil {
			return 0, err
		}
		if err := call.Send(backwards(text)); err != nil {
			return 0, err
		}
	}
}

func (*exchange) Later(_ *context.T, call rpc.StreamServerCall) (int32, error) {
	var texts []string
	for {
		var text string
		if err := call.Recv(&text); err == io.EOF {
			break
		} else if err != nil {
			return 0, err
		}
		texts = append(texts, text)
	}
	for i := range texts {
		if err := call.Send(texts[len(texts)-1-i]); err != nil {
			return 0, err
		}
	}
	return int32(len(texts)), nil
}

func (*exchange) Early(_ *context.T, call rpc.StreamServerCall, upto int32) (int32, error) {
	all := ""
	for i := int32(0); i < upto; i++ {
		var text string
		if err := call.Recv(&text); err != nil {
			return i, err
		}
		all += text
	}
	return upto, call.Send(all)
}

func (*exchange) Download(_ *context.T, call rpc.StreamServerCall, size int64) (uint64, error) {
	b := newBulk()
	chunk := make([]byte, chunkSize)
	for b.size < size {
		b.next(chunk)
		b.add(chunk)
		if err := call.Send(chunk); err != nil {
			return 0, err
		}
	}
	return b.sum, nil
}

func (*exchange) Upload(_ *context.T, call rpc.StreamServerCall) (int64, uint64, error) {
	b := newBulk()
	for {
		var chunk []byte
		if err := call.Recv(&chunk); err == io.EOF {
			return b.size, b.sum, nil
		} else if err != nil {
			return 0, 0, err
		}
		b.add(chunk)
	}
}

func (*exchange) Granted(_ *context.T, call rpc.ServerCall) (string, error) {
	return call.GrantedBlessings().String(), nil
}

func (e *exchange) Wait(ctx *context.T, _ rpc.ServerCall, milliseconds int32) error {
	atomic.AddInt32(&e.begun, 1)
	select {
	case <-time.After(time.Duration(milliseconds) * time.Millisecond):
		return nil
	case <-ctx.Done():
		atomic.AddInt32(&e.cancelled, 1)
		return ctx.Err()
	}
}

func (e *exchange) Waits(*context.T, rpc.ServerCall) (begun, cancelled int32, _ error) {
	return atomic.LoadInt32(&e.begun), atomic.LoadInt32(&e.cancelled), nil
}

// giving grants the server a name; that of nobody is for another key than the server's.
type giving struct {
	rpc.CallOpt
	extension string
}

func (g giving) Grant(_ *context.T, call security.Call) (security.Blessings, error) {
	me := call.LocalPrincipal()
	with, _ := me.BlessingStore().Default()
	key := call.RemoteBlessings().PublicKey()
	if g.extension == "nobody" {
		key = me.PublicKey()
	}
	return me.Bless(key, with, g.extension, security.UnconstrainedUse())
}

// goServer serves an exchange with the principal of a folder, and gives its name. It stops when the function that it
// gives is called, or with the test.
func goServer(t *testing.T, folder string, authorizer security.Authorizer, protocol string) (string, func()) {
	t.Helper()
	return goServerOf(t, &exchange{}, folder, authorizer, protocol)
}

func goServerOf(t *testing.T, object interface{}, folder string, authorizer security.Authorizer, protocol string) (string, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(goContext(t, folder))
	ctx = v23.WithListenSpec(ctx, rpc.ListenSpec{Addrs: rpc.ListenAddrs{{Protocol: protocol, Address: "127.0.0.1:0"}}})
	_, server, err := v23.WithNewServer(ctx, "", object, authorizer)
	if err != nil {
		t.Fatal(err)
	}
	stop := func() {
		cancel()
		<-server.Closed()
	}
	t.Cleanup(stop)
	return server.Status().Endpoints[0].Name(), stop
}

const callsVariable = "NIOBIUM_INTEROP_CALLS"

// ask sends our program a command and gives its answer.
func (p *program) ask(t *testing.T, words ...string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := fmt.Fprintln(p.in, strings.Join(words, " ")); err != nil {
		t.Fatalf("our program is gone: %v", err)
	}
	return p.line(t)
}

func (p *program) wantOK(t *testing.T, words ...string) {
	t.Helper()
	if got := p.ask(t, words...); got != "ok" {
		t.Errorf("%s: %s", words[0], got)
	}
}

// wantError wants a command to end in the error with that id.
func (p *program) wantError(t *testing.T, id string, words ...string) {
	t.Helper()
	if got := p.ask(t, words...); !strings.HasPrefix(got, "error: "+id+" ") {
		t.Errorf("%s: %s, want %s", words[0], got, id)
	}
}

// named is ask for commands that give a name.
func (p *program) named(t *testing.T, words ...string) string {
	t.Helper()
	got := strings.Fields(p.ask(t, words...))
	if len(got) != 2 || got[0] != "ok" {
		t.Fatalf("our program does not serve: %q", got)
	}
	return got[1]
}

// serve lets our program serve, and gives the name.
func (p *program) serve(t *testing.T, authorizer, protocol string) string {
	t.Helper()
	return p.named(t, "serve", authorizer, protocol)
}

// The calls that Go makes, by the words of our program's commands.
var goCalls = map[string]func(ctx *context.T, name string) error{
	"mix": func(ctx *context.T, name string) error {
		var sum int64
		var text string
		var got item
		d := item{"tea", 40, 2.5, nil}
		args := []interface{}{int32(2), "keys: ", []byte{0, 1, 255}, d, map[string]float64{"b": 2, "a": 1}}
		if err := v23.GetClient(ctx).Call(ctx, name, "Mix", args, []interface{}{&sum, &text, &got}); err != nil {
			return err
		}
		if sum != 42 || text != "keys: ab" || got.Name != "tea" || string(got.Data) != "\x00\x01\xff" || got.Price != 2.5 {
			return fmt.Errorf("other results: %v %v %v", sum, text, got)
		}
		return nil
	},
	"count": func(ctx *context.T, name string) error {
		call, err := v23.GetClient(ctx).StartCall(ctx, name, "Count", []interface{}{int32(100)})
		if err != nil {
			return err
		}
		for i := int64(1); ; i++ {
			var got item
			if err := call.Recv(&got); err == io.EOF && i == 101 {
				return call.Finish()
			} else if err != nil {
				return fmt.Errorf("after %d items: %w", i-1, err)
			}
			if got.Count != i || got.Name != fmt.Sprintf("item %d", i) || got.Price != float64(i)/2 || len(got.Data) != int(i) {
				return fmt.Errorf("item %d is %v", i, got)
			}
		}
	},
	"sum": func(ctx *context.T, name string) error {
		call, err := v23.GetClient(ctx).StartCall(ctx, name, "Sum", nil)
		if err != nil {
			return err
		}
		for i := int64(1); i <= 100; i++ {
			if err := call.Send(item{"x", i, 0.5, nil}); err != nil {
				return err
			}
		}
		var total, items int64
		if err := call.Finish(&total, &items); err != nil {
			return err
		}
		if total != 5050 || items != 100 {
			return fmt.Errorf("other results: %d, %d", total, items)
		}
		return nil
	},
	"chat": func(ctx *context.T, name string) error {
		call, err := v23.GetClient(ctx).StartCall(ctx, name, "Chat", nil)
		if err != nil {
			return err
		}
		return chat(call, 50)
	},
}

// halfClosed says three texts and closes its side; the answers come after that.
func halfClosed(ctx *context.T, name string) error {
	call, err := v23.GetClient(ctx).StartCall(ctx, name, "Later", nil)
	if err != nil {
		return err
	}
	for _, text := range []string{"a", "b", "c"} {
		if err := call.Send(text); err != nil {
			return err
		}
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	return answered(call, "cba", 3)
}

// endedEarly meets the end of the server's side with its own one open.
func endedEarly(ctx *context.T, name string) error {
	call, err := v23.GetClient(ctx).StartCall(ctx, name, "Early", []interface{}{int32(2)})
	if err != nil {
		return err
	}
	for _, text := range []string{"a", "b"} {
		if err := call.Send(text); err != nil {
			return err
		}
	}
	return answered(call, "ab", 2)
}

func answered(call rpc.ClientCall, want string, texts int32) error {
	all := ""
	for {
		var text string
		if err := call.Recv(&text); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		all += text
	}
	var count int32
	if err := call.Finish(&count); err != nil {
		return err
	}
	if all != want || count != texts {
		return fmt.Errorf("%q, and %d texts", all, count)
	}
	return nil
}

// chat says so many texts, and wants each back, reversed.
func chat(call rpc.ClientCall, texts int) error {
	for i := 0; i < texts; i++ {
		text := fmt.Sprintf("text %d", 100+i)
		if err := call.Send(text); err != nil {
			return err
		}
		var got string
		if err := call.Recv(&got); err != nil {
			return err
		}
		if got != backwards(text) {
			return fmt.Errorf("another answer: %s", got)
		}
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	var none string
	if err := call.Recv(&none); err != io.EOF {
		return fmt.Errorf("not the end: %v", err)
	}
	var count int32
	if err := call.Finish(&count); err != nil {
		return err
	}
	if int(count) != texts {
		return errors.New("another number of texts")
	}
	return nil
}
