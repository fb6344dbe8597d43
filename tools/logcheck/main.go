// logcheck checks a published log with code that nobody of this project wrote: golang.org/x/mod/sumdb/{tlog,note}.
//
//	logcheck FOLDER VKEY [OLDER-CHECKPOINT...]
//
// It opens the checkpoint with the log's key, reads every entry, compares its hash with the one that the tiles, checked
// against the root, have for it, builds the tree anew, proves a sample of entries, and proves that the older checkpoints
// are beginnings of this one. Cosignatures (C2SP tlog-cosignature v1) are checked with crypto/ed25519 when their keys
// are given as VKEY lines after the log's.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is fixed by C2SP tlog-tiles.
const tileHeight = 8

// fullWidth is the number of hashes of a full tile.
const fullWidth = 1 << tileHeight

// sampleEvery says how far apart the entries are that are proved one by one.
const sampleEvery = 997

type files struct{ root string }

func (f files) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(f.root, filepath.FromSlash(name)))
}

// tilePath is the C2SP form of x/mod's path, which has the height before the level.
func tilePath(t tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(t.Path(), "tile/8/")
}

func (f files) Height() int                                { return tileHeight }
func (f files) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, t := range tiles {
		data, err := f.read(tilePath(t))
		if err != nil {
			// A partial tile goes once the full one is there.
			whole := t
			whole.W = fullWidth
			data, err = f.read(tilePath(whole))
			if err == nil && len(data) >= t.W*tlog.HashSize {
				data = data[:t.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		all[i] = data
	}
	return all, nil
}

// bundle gives the entries of the bundle n, at most width of them.
func (f files) bundle(n int64, width int) ([][]byte, error) {
	t := tlog.Tile{H: tileHeight, L: -1, N: n, W: width}
	name := func(t tlog.Tile) string { return "tile/entries/" + strings.TrimPrefix(t.Path(), "tile/8/data/") }
	data, err := f.read(name(t))
	if err != nil {
		t.W = fullWidth
		if data, err = f.read(name(t)); err != nil {
			return nil, err
		}
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, fmt.Errorf("bundle %d ends inside a length", n)
		}
		size := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+size {
			return nil, fmt.Errorf("bundle %d ends inside an entry", n)
		}
		entries = append(entries, data[2:2+size])
		data = data[2+size:]
	}
	if len(entries) != t.W {
		return nil, fmt.Errorf("bundle %d has %d entries, its name says %d", n, len(entries), t.W)
	}
	return entries[:width], nil
}

type checkpoint struct {
	origin string
	tree   tlog.Tree
}

// open checks the log's signature and reads the three lines.
func open(message []byte, key note.Verifier) (checkpoint, error) {
	var c checkpoint
	n, err := note.Open(message, note.VerifierList(key))
	if err != nil {
		return c, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != key.Name() {
		return c, fmt.Errorf("the checkpoint is not three lines of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return c, fmt.Errorf("the size %q is not a plain number", lines[1])
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		return c, err
	}
	return checkpoint{lines[0], tlog.Tree{N: size, Hash: hash}}, nil
}

// cosigned checks the lines of a witness with nothing but crypto/ed25519.
func cosigned(message []byte, vkey string) error {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return fmt.Errorf("%q is not a key", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return fmt.Errorf("%q is not a key for cosignatures", vkey)
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	at := bytes.LastIndex(message, []byte("\n\n"))
	if at < 0 {
		return fmt.Errorf("the checkpoint has no signatures")
	}
	text := string(message[:at+1])
	for _, line := range strings.Split(string(message[at+2:]), "\n") {
		words := strings.Split(line, " ")
		if len(words) != 3 || words[0] != "—" || words[1] != parts[0] {
			continue
		}
		blob, err := base64.StdEncoding.DecodeString(words[2])
		if err != nil || len(blob) != 4+8+ed25519.SignatureSize || !bytes.Equal(blob[:4], id[:4]) {
			continue
		}
		time := binary.BigEndian.Uint64(blob[4:12])
		signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
		if !ed25519.Verify(key[1:], []byte(signed), blob[12:]) {
			return fmt.Errorf("the cosignature of %s is wrong", parts[0])
		}
		return nil
	}
	return fmt.Errorf("%s has not cosigned", parts[0])
}

// memory holds the hashes of the tree that is built anew.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if at >= int64(len(m)) {
			return nil, fmt.Errorf("no hash %d", at)
		}
		out[i] = m[at]
	}
	return out, nil
}

func check(folder, keys string, older []string) error {
	vkeys := strings.Fields(keys)
	if len(vkeys) == 0 {
		return fmt.Errorf("no key")
	}
	key, err := note.NewVerifier(vkeys[0])
	if err != nil {
		return err
	}
	f := files{folder}
	message, err := f.read("checkpoint")
	if err != nil {
		return err
	}
	c, err := open(message, key)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	for _, vkey := range vkeys[1:] {
		if err := cosigned(message, vkey); err != nil {
			return err
		}
	}
	tiles := tlog.TileHashReader(c.tree, f)
	var built memory
	for n := int64(0); n < c.tree.N; {
		width := fullWidth
		if rest := c.tree.N - n; rest < fullWidth {
			width = int(rest)
		}
		entries, err := f.bundle(n/fullWidth, width)
		if err != nil {
			return err
		}
		indexes := make([]int64, len(entries))
		for i := range entries {
			indexes[i] = tlog.StoredHashIndex(0, n+int64(i))
		}
		published, err := tiles.ReadHashes(indexes)
		if err != nil {
			return fmt.Errorf("entries from %d: %w", n, err)
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != published[i] {
				return fmt.Errorf("entry %d: its hash is not the one in the tree", n)
			}
			more, err := tlog.StoredHashes(n, entry, built)
			if err != nil {
				return err
			}
			built = append(built, more...)
			n++
		}
	}
	root, err := tlog.TreeHash(c.tree.N, built)
	if err != nil {
		return err
	}
	if root != c.tree.Hash {
		return fmt.Errorf("the entries give the root %v, signed is %v", root, c.tree.Hash)
	}
	proved := 0
	for at := int64(0); at < c.tree.N; at += sampleEvery {
		proof, err := tlog.ProveRecord(c.tree.N, at, tiles)
		if err != nil {
			return err
		}
		leaf, err := built.ReadHashes([]int64{tlog.StoredHashIndex(0, at)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, c.tree.N, c.tree.Hash, at, leaf[0]); err != nil {
			return fmt.Errorf("inclusion of %d: %w", at, err)
		}
		proved++
	}
	for _, name := range older {
		message, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		old, err := open(message, key)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if old.tree.N == 0 {
			continue
		}
		proof, err := tlog.ProveTree(c.tree.N, old.tree.N, tiles)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, c.tree.N, c.tree.Hash, old.tree.N, old.tree.Hash); err != nil {
			return fmt.Errorf("consistency from %d: %w", old.tree.N, err)
		}
	}
	fmt.Printf("ok %s size %d root %v proved %d older %d cosignatures %d\n",
		c.origin, c.tree.N, c.tree.Hash, proved, len(older), len(vkeys)-1)
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "logcheck FOLDER VKEY [OLDER-CHECKPOINT...]")
		os.Exit(2)
	}
	if err := check(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "logcheck:", err)
		os.Exit(1)
	}
}
