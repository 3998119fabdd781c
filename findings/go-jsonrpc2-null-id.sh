#!/usr/bin/env bash
# Go's jsonrpc2 of Sourcegraph takes an error without an id for the answer to the first call, and a wrapped error loses its code.
#
# Versions:  golang-github-sourcegraph-jsonrpc2-dev 0.1.0-3 and Go 1.19.8-2 (Debian 12).
# Guess:     an error whose id is null belongs to no call: it is logged and ignored. Nil for params sends no params. An *Error
#            that a handler returns keeps its code, also when it is wrapped with %w; any other error is -32603. PickID sends the
#            id that is picked, and the connection's own numbers leave it out.
# Seen:      null is read as 0, which is the id of the first call: if that still waits, it fails with an error that another
#            message caused, and its own answer is dropped later. Nil sends "params": null, which JSON-RPC does not know. A
#            wrapped *Error and any other error have code 0, and each error has "data": null. A picked 0 or empty text is replaced
#            by the next number, and a picked number that the connection reaches later belongs to two calls: the second takes the
#            answer, and the first waits for ever.
# So:        the first call is one whose failure does no harm, such as initialize. A handler returns *Error unwrapped, and finds
#            it with errors.As first. A client picks text as ids, or none.
set -euo pipefail
shopt -s nullglob
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 golang-github-sourcegraph-jsonrpc2-dev=0.1.0-3 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" debian; done
export GOROOT=$work/debian/usr/lib/go-1.19 GOPATH=$work/debian/usr/share/gocode GOCACHE=$work/cache GO111MODULE=off GOTOOLCHAIN=local

mkdir try
cat >try/try.go <<'GO'
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

var codec jsonrpc2.VSCodeObjectCodec

// other is the other end of the connection, message by message.
type other struct {
	conn   net.Conn
	reader *bufio.Reader
}

func (o other) send(text string) { _ = codec.WriteObject(o.conn, json.RawMessage(text)) }

func (o other) receive() string {
	_ = o.conn.SetReadDeadline(time.Now().Add(time.Second))
	var message json.RawMessage
	if codec.ReadObject(o.reader, &message) != nil {
		return "nothing"
	}
	return string(message)
}

func open(handle func(method string) (interface{}, error)) (*jsonrpc2.Conn, other) {
	near, far := net.Pipe()
	handler := jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) (interface{}, error) {
		return handle(r.Method)
	})
	conn := jsonrpc2.NewConn(context.Background(), jsonrpc2.NewBufferedStream(near, codec), handler)
	return conn, other{far, bufio.NewReader(far)}
}

func errorsOfHandlers() {
	inUse := &jsonrpc2.Error{Code: 7, Message: "in use"}
	fails := map[string]error{"own": inUse, "wrapped": fmt.Errorf("apply: %w", inUse), "plain": errors.New("in use")}
	_, far := open(func(method string) (interface{}, error) { return nil, fails[method] })
	for _, method := range []string{"own", "wrapped", "plain"} {
		far.send(`{"jsonrpc":"2.0","id":1,"method":"` + method + `"}`)
		fmt.Printf("error, %s: %s\n", method, far.receive())
	}
}

func main() {
	log.SetOutput(io.Discard)
	errorsOfHandlers()

	conn, far := open(func(string) (interface{}, error) { return nil, nil })
	ctx, cancel := context.WithCancel(context.Background())
	ended := map[string]chan string{}
	call := func(name string, params interface{}, options ...jsonrpc2.CallOption) {
		end := make(chan string, 1)
		ended[name] = end
		go func() {
			var result string
			err := conn.Call(ctx, name, params, &result, options...)
			end <- fmt.Sprintf("%q, error %v", result, err)
		}()
		fmt.Printf("sent: %s\n", far.receive())
	}
	end := func(name string) {
		select {
		case how := <-ended[name]:
			fmt.Printf("%s: %s\n", name, how)
		case <-time.After(time.Second):
			fmt.Printf("%s: waits\n", name)
		}
	}

	call("first", nil)
	call("second", []int{})
	far.send(`{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"not a request"}}`)
	end("first")
	far.send(`{"jsonrpc":"2.0","id":0,"result":"one"}`)
	far.send(`{"jsonrpc":"2.0","id":1,"result":"two"}`)
	end("second")

	call("zero", nil, jsonrpc2.PickID(jsonrpc2.ID{Num: 0}))
	call("empty", nil, jsonrpc2.PickID(jsonrpc2.ID{IsString: true}))
	call("picked", nil, jsonrpc2.PickID(jsonrpc2.ID{Num: 5}))
	call("counted", nil)
	far.send(`{"jsonrpc":"2.0","id":5,"result":"five"}`)
	end("counted")
	far.send(`{"jsonrpc":"2.0","id":5,"result":"five"}`)
	end("picked")
	cancel()
}
GO
timeout 300 "$GOROOT/bin/go" run try/try.go | tee seen
cat >expected <<'TEXT'
error, own: {"id":1,"error":{"code":7,"message":"in use","data":null},"jsonrpc":"2.0"}
error, wrapped: {"id":1,"error":{"code":0,"message":"apply: jsonrpc2: code 7 message: in use","data":null},"jsonrpc":"2.0"}
error, plain: {"id":1,"error":{"code":0,"message":"in use","data":null},"jsonrpc":"2.0"}
sent: {"method":"first","params":null,"id":0,"jsonrpc":"2.0"}
sent: {"method":"second","params":[],"id":1,"jsonrpc":"2.0"}
first: "", error jsonrpc2: code -32600 message: not a request
second: "two", error <nil>
sent: {"method":"zero","params":null,"id":2,"jsonrpc":"2.0"}
sent: {"method":"empty","params":null,"id":"3","jsonrpc":"2.0"}
sent: {"method":"picked","params":null,"id":5,"jsonrpc":"2.0"}
sent: {"method":"counted","params":null,"id":5,"jsonrpc":"2.0"}
counted: "five", error <nil>
picked: waits
TEXT
diff expected seen
