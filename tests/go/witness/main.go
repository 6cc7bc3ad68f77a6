// Witness is a C2SP tlog-witness for tests: one log, state in memory, and Go's own packages to check
// notes and consistency. It prints its address and its verifier key, and serves until it is killed.
//
// Usage: witness NAME LOG-VERIFIER-KEY…
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type witness struct {
	mu        sync.Mutex
	name      string
	key       ed25519.PrivateKey
	id        [4]byte
	verifiers note.Verifiers
	seen      map[string]tlog.Tree
}

func (w *witness) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	if request.Method != "POST" || request.URL.Path != "/add-checkpoint" {
		http.Error(out, "not found", 404)
		return
	}
	body, err := io.ReadAll(io.LimitReader(request.Body, 1<<20))
	if err != nil {
		http.Error(out, "body", 400)
		return
	}
	head, signed, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok {
		http.Error(out, "no empty line", 400)
		return
	}
	lines := strings.Split(string(head), "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil || !strings.HasPrefix(lines[0], "old ") {
		http.Error(out, "old size", 400)
		return
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			http.Error(out, "proof", 400)
			return
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	opened, err := note.Open(signed, w.verifiers)
	if err != nil {
		http.Error(out, err.Error(), 403)
		return
	}
	origin, tree, err := parse(opened.Text)
	if err != nil || old > tree.N {
		http.Error(out, "checkpoint", 400)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.seen[origin]
	if last.N != old {
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(409)
		fmt.Fprintf(out, "%d\n", last.N)
		return
	}
	if old == tree.N && old > 0 && last.Hash != tree.Hash {
		http.Error(out, "another root", 422)
		return
	}
	if old > 0 && old < tree.N {
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old, last.Hash); err != nil {
			http.Error(out, err.Error(), 422)
			return
		}
	} else if len(proof) > 0 {
		http.Error(out, "a proof of nothing", 422)
		return
	}
	w.seen[origin] = tree
	now := time.Now().Unix()
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", now, opened.Text)
	signature := append(w.id[:], binary.BigEndian.AppendUint64(nil, uint64(now))...)
	signature = append(signature, ed25519.Sign(w.key, []byte(message))...)
	fmt.Fprintf(out, "— %s %s\n", w.name, base64.StdEncoding.EncodeToString(signature))
}

func parse(text string) (string, tlog.Tree, error) {
	scanner := bufio.NewScanner(strings.NewReader(text))
	var lines []string
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	if len(lines) < 3 {
		return "", tlog.Tree{}, fmt.Errorf("too short")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return lines[0], tlog.Tree{N: size, Hash: hash}, err
}

func main() {
	var verifiers []note.Verifier
	for _, text := range os.Args[2:] {
		verifier, err := note.NewVerifier(text)
		if err != nil {
			log.Fatal(err)
		}
		verifiers = append(verifiers, verifier)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		log.Fatal(err)
	}
	name := os.Args[1]
	encoded := append([]byte{4}, public...)
	sum := sha256.Sum256(append([]byte(name+"\n"), encoded...))
	served := &witness{name: name, key: private, verifiers: note.VerifierList(verifiers...), seen: map[string]tlog.Tree{}}
	copy(served.id[:], sum[:4])
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s %s+%x+%s\n", listener.Addr(), name, served.id, base64.StdEncoding.EncodeToString(encoded))
	log.Fatal(http.Serve(listener, served))
}
