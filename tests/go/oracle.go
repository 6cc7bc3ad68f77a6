// Oracle answers what Go's own transparency log packages, golang.org/x/mod/sumdb/note and tlog, make of
// our notes, trees and proofs. It reads one JSON list of questions and writes one JSON list of answers.
//
// Bytes are base64 in JSON, as encoding/json has them. It builds without modules, from Debian's
// golang-golang-x-mod-dev.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Op       string   `json:"op"`
	Data     []byte   `json:"data"`     // a note, or a log proof
	Keys     []string `json:"keys"`     // verifier keys
	Entries  [][]byte `json:"entries"`  // of a tree
	Index    int64    `json:"index"`    // of an entry
	OldSize  int64    `json:"old_size"` // of the smaller tree
	Size     int64    `json:"size"`
	OldRoot  []byte   `json:"old_root"`
	Root     []byte   `json:"root"`
	Entry    []byte   `json:"entry"`
	Proof    [][]byte `json:"proof"`
	TileData bool     `json:"tile_data"`
}

type answer struct {
	Error       string            `json:"error,omitempty"`
	Text        string            `json:"text,omitempty"`
	Signers     []string          `json:"signers,omitempty"`
	Unknown     []string          `json:"unknown,omitempty"`
	Root        []byte            `json:"root,omitempty"`
	Inclusion   [][][]byte        `json:"inclusion,omitempty"`   // by index
	Consistency [][][]byte        `json:"consistency,omitempty"` // by old size, from 1
	Tiles       map[string][]byte `json:"tiles,omitempty"`       // by path
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		log.Fatal(err)
	}
	answers := make([]answer, len(questions))
	for i, q := range questions {
		if err := answers[i].fill(q); err != nil {
			answers[i] = answer{Error: err.Error()}
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}

func (a *answer) fill(q question) error {
	switch q.Op {
	case "note":
		n, err := open(q.Data, q.Keys)
		if err != nil {
			return err
		}
		a.Text = n.Text
		a.Signers, a.Unknown = names(n.Sigs), names(n.UnverifiedSigs)
		return nil
	case "inclusion":
		root, err := hash(q.Root)
		if err != nil {
			return err
		}
		proof, err := hashes(q.Proof)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(proof, q.Size, root, q.Index, tlog.RecordHash(q.Entry))
	case "consistency":
		root, err := hash(q.Root)
		if err != nil {
			return err
		}
		old, err := hash(q.OldRoot)
		if err != nil {
			return err
		}
		proof, err := hashes(q.Proof)
		if err != nil {
			return err
		}
		return tlog.CheckTree(proof, q.Size, root, q.OldSize, old)
	case "log proof":
		return checkLogProof(q.Data, q.Keys, q.Entry)
	case "tree":
		return a.tree(q)
	}
	return fmt.Errorf("no such question: %q", q.Op)
}

// tree fills in everything that Go makes of the tree over the entries.
func (a *answer) tree(q question) error {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, i := range indexes {
			if i >= int64(len(stored)) {
				return nil, errors.New("not stored")
			}
			found = append(found, stored[i])
		}
		return found, nil
	})
	for i, entry := range q.Entries {
		more, err := tlog.StoredHashes(int64(i), entry, reader)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
	}
	size := int64(len(q.Entries))
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	a.Root = root[:]
	for i := int64(0); i < size; i++ {
		included, err := tlog.ProveRecord(size, i, reader)
		if err != nil {
			return err
		}
		a.Inclusion = append(a.Inclusion, raw(included))
		extended, err := tlog.ProveTree(size, i+1, reader)
		if err != nil {
			return err
		}
		a.Consistency = append(a.Consistency, raw(extended))
	}
	if !q.TileData {
		return nil
	}
	a.Tiles = make(map[string][]byte)
	for _, tile := range tlog.NewTiles(8, 0, size) {
		// NewTiles also lists the narrower partial tiles of the trees on the way.
		if last := size >> uint(8*tile.L); tile.W < 256 && (last>>8 != tile.N || last&255 != int64(tile.W)) {
			continue
		}
		data, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		// C2SP's tlog-tiles fix the height at 8 and leave it out of the path.
		a.Tiles[strings.Replace(tile.Path(), "tile/8/", "tile/", 1)] = data
	}
	return nil
}

// checkLogProof reads C2SP's tlog-proof, which x/mod knows nothing of, and has x/mod check what is in it.
func checkLogProof(data []byte, keys []string, entry []byte) error {
	parts := bytes.SplitN(data, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if len(parts) != 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a log proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	number := strings.TrimPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || number != strconv.FormatInt(index, 10) {
		return errors.New("not an index")
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		if h.String() != line {
			return errors.New("not canonical base64") // ParseHash does not mind
		}
		proof = append(proof, h)
	}
	n, err := open(parts[1], keys)
	if err != nil {
		return err
	}
	// tlog.ParseTree wants the go.sum database's origin line: give it that one in place of ours.
	rest := strings.SplitN(n.Text, "\n", 2)[1]
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func open(data []byte, keys []string) (*note.Note, error) {
	var known []note.Verifier
	for _, key := range keys {
		v, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		known = append(known, v)
	}
	return note.Open(data, note.VerifierList(known...))
}

func names(signatures []note.Signature) []string {
	var found []string
	for _, s := range signatures {
		found = append(found, fmt.Sprintf("%s+%08x", s.Name, s.Hash))
	}
	return found
}

func hash(data []byte) (tlog.Hash, error) {
	return tlog.ParseHash(base64.StdEncoding.EncodeToString(data))
}

func hashes(data [][]byte) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, d := range data {
		h, err := hash(d)
		if err != nil {
			return nil, err
		}
		found = append(found, h)
	}
	return found, nil
}

func raw(proof []tlog.Hash) [][]byte {
	found := [][]byte{}
	for _, h := range proof {
		h := h
		found = append(found, h[:])
	}
	return found
}
