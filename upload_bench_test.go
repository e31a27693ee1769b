package misskey

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
)

// BenchmarkUpload sends 1 GiB from a reader to a server in the same process, and
// fails if both together ever have more than 64 MiB. Run it alone:
//
//	go test -run '^$' -bench '^BenchmarkUpload$' -benchtime 1x .
func BenchmarkUpload(b *testing.B) {
	const size, limit = 1 << 30, 64 << 20
	stored := driveFile("x", size, make([]byte, md5.Size))
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", jsonType)
		w.Write(stored)
	})
	for _, bm := range []struct {
		name  string
		http2 bool
		size  int64
		find  bool
	}{
		{"HTTP 1.1", false, size, false},
		{"HTTP 1.1, size unknown", false, 0, false},
		{"HTTP 2", true, size, false},
		{"HTTP 1.1, looked for first", false, size, true},
	} {
		b.Run(bm.name, func(b *testing.B) {
			srv := httptest.NewUnstartedServer(handler)
			if bm.find {
				srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/find-by-hash") {
						w.Header().Set("Content-Type", jsonType)
						io.WriteString(w, "[]")
						return
					}
					handler(w, r)
				})
			}
			if srv.EnableHTTP2 = bm.http2; bm.http2 {
				srv.StartTLS()
			} else {
				srv.Start()
			}
			defer srv.Close()
			mk, err := New(srv.URL, WithHTTPClient(srv.Client()), WithToken(canary))
			if err != nil {
				b.Fatal(err)
			}
			resetPeak()
			b.SetBytes(size)
			for b.Loop() {
				content := io.NewSectionReader(zeros{}, 0, size)
				file := File{Name: "x", Body: struct{ io.Reader }{content}, Size: bm.size, Progress: func(int64, int64) {}}
				if bm.find {
					file.Body, file.FindDuplicate = content, true
				}
				if _, err := mk.Upload(b.Context(), file); err != nil {
					b.Fatal(err)
				}
			}
			peak, ok := peakMemory()
			if !ok {
				b.Logf("this system (%s) does not report the peak of memory", runtime.GOOS)
				return
			}
			b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
			if peak > limit {
				b.Errorf("the process had %s, more than %s", byteCount(peak), byteCount(limit))
			}
		})
	}
}

// zeros is a file without an end.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

// resetPeak makes Linux forget the largest amount of memory that the process
// has had.
func resetPeak() {
	runtime.GC()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// peakMemory returns the most physical memory that the process has had.
func peakMemory() (n int64, ok bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	_, line, _ := bytes.Cut(status, []byte("VmHWM:"))
	if _, err := fmt.Sscanf(string(line), "%d kB", &n); err != nil {
		return 0, false
	}
	return n << 10, true
}
