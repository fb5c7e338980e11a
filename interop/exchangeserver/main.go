//go:build generated

// Command exchangeserver is Go's server of calls/exchange/exchange.vdl with the code that Go's vdl generates from it; the tests
// generate that, and build this with it in the place of interop/exchange. It prints its name and ends with its input.
package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"interop/exchange"

	v23 "v.io/v23"
	"v.io/v23/context"
	"v.io/v23/rpc"
	_ "v.io/x/ref/runtime/factories/generic"
)

// What it does not have is never called.
type server struct{ exchange.ExchangeServerMethods }

func (server) Mix(_ *context.T, _ rpc.ServerCall, a int32, b string, c []byte, d exchange.Item, e map[string]float64) (int64, string, exchange.Item, error) {
	var keys []string
	for key := range e {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	sum := int64(a) + d.Count
	d.Data = c
	return sum, b + strings.Join(keys, ""), d, nil
}

func (server) Echo(_ *context.T, _ rpc.ServerCall, data []byte) ([]byte, error) { return data, nil }

func (server) Refuse(ctx *context.T, _ rpc.ServerCall, reason string, code int32) error {
	return exchange.ErrRefused.Message(ctx, fmt.Sprintf("refused because of %s (%d)", reason, code), reason, code)
}

func (server) Count(_ *context.T, call exchange.ExchangeCountServerCall, upto int32) error {
	for i := int32(1); i <= upto; i++ {
		item := exchange.Item{Name: fmt.Sprintf("item %d", i), Count: int64(i), Price: float64(i) / 2}
		if err := call.SendStream().Send(item); err != nil {
			return err
		}
	}
	return nil
}

func (server) Sum(_ *context.T, call exchange.ExchangeSumServerCall) (total, items int64, _ error) {
	stream := call.RecvStream()
	for stream.Advance() {
		total += stream.Value().Count
		items++
	}
	return total, items, stream.Err()
}

func (server) Chat(_ *context.T, call exchange.ExchangeChatServerCall) (texts int32, _ error) {
	stream := call.RecvStream()
	for ; stream.Advance(); texts++ {
		text := []byte(stream.Value())
		for i, j := 0, len(text)-1; i < j; i, j = i+1, j-1 {
			text[i], text[j] = text[j], text[i]
		}
		if err := call.SendStream().Send(string(text)); err != nil {
			return texts, err
		}
	}
	return texts, stream.Err()
}

func (server) Wait(ctx *context.T, _ rpc.ServerCall, _ int32) error {
	<-ctx.Done()
	return ctx.Err()
}

func main() {
	ctx, shutdown := v23.Init()
	defer shutdown()
	ctx = v23.WithListenSpec(ctx, rpc.ListenSpec{Addrs: rpc.ListenAddrs{{Protocol: "tcp", Address: "127.0.0.1:0"}}})
	_, serving, err := v23.WithNewServer(ctx, "", exchange.ExchangeServer(server{}), nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(serving.Status().Endpoints[0].Name())
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck
}
