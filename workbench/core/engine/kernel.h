#include <cmath>

template <int W> struct Vector {
  typedef S type __attribute__((vector_size(W * sizeof(S)), aligned(sizeof(S)), may_alias));
};

template <int bytes> struct Whole { typedef int type; };
template <> struct Whole<8> { typedef long long type; };

// R rows of a product, all columns together; b lies row by row.
template <int R, int N, int K, int ai, int ak, int bk, bool more>
static inline void rows(const S* a, const S* b, S* c) {
  typedef typename Vector<16>::type Wide;
  typedef typename Vector<8>::type Half;
  constexpr int C = N / 16, H = N % 16 / 8, rest = N / 8 * 8;
  Wide sum[R][C ? C : 1];
  Half half[R];
  for (int r = 0; r < R; r++) {
    for (int j = 0; j < C; j++)
      sum[r][j] = more ? *(const Wide*)(c + r * N + j * 16) : Wide{};
    if (H) half[r] = more ? *(const Half*)(c + r * N + C * 16) : Half{};
  }
  for (int k = 0; k < K; k++)
    for (int r = 0; r < R; r++) {
      // From memory into a whole vector at once: of one number it takes two moves.
      const Wide factor = Wide{} + a[r * ai + k * ak];
      Half low;
      __builtin_memcpy(&low, &factor, sizeof low);
      for (int j = 0; j < C; j++)
        sum[r][j] += factor * *(const Wide*)(b + k * bk + j * 16);
      if (H) half[r] += low * *(const Half*)(b + k * bk + C * 16);
    }
  for (int r = 0; r < R; r++) {
    for (int j = 0; j < C; j++) *(Wide*)(c + r * N + j * 16) = sum[r][j];
    if (H) *(Half*)(c + r * N + C * 16) = half[r];
    for (int j = rest; j < N; j++) {
      S last = more ? c[r * N + j] : 0;
      for (int k = 0; k < K; k++) last += a[r * ai + k * ak] * b[k * bk + j];
      c[r * N + j] = last;
    }
  }
}

// c[M, N] = a[M, K] b[K, N], added to what is there if there is more.
template <int M, int N, int K, int ai, int ak, int bk, bool more>
static __attribute__((noinline)) void product(const S* a, const S* b, S* c) {
  // As many as there are registers for their sums.
  constexpr int R = N > 96 ? 3 : N > 64 ? 4 : 5, whole = M / R * R;
  for (int i = 0; i < whole; i += R)
    rows<R, N, K, ai, ak, bk, more>(a + i * ai, b, c + i * N);
  if constexpr (M > whole)
    rows<M - whole, N, K, ai, ak, bk, more>(a + whole * ai, b, c + whole * N);
}

template <int M, int K, int ai, int ak, int bk, bool more>
static __attribute__((noinline)) void dots(const S* a, const S* b, S* c) {
  for (int i = 0; i < M; i++) {
    S sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int k = 0; k < K; k++) sum += a[i * ai + k * ak] * b[k * bk];
    c[i] = more ? c[i] + sum : sum;
  }
}

#if defined(__GNUC__) && !defined(__clang__)
// Exchanges the blocks of s x s numbers beside the diagonal of 8 x 8.
template <int s, class V>
static inline __attribute__((always_inline)) void exchange(V* v) {
  typedef typename Whole<sizeof(S)>::type L;
  typedef L Lanes __attribute__((vector_size(8 * sizeof(S))));
#define UPPER(l) ((l) & s ? 8 + (l) - s : (l))
#define LOWER(l) ((l) & s ? 8 + (l) : (l) + s)
#define ALL(of) Lanes{of(0), of(1), of(2), of(3), of(4), of(5), of(6), of(7)}
#pragma GCC unroll 8
  for (int r = 0; r < 8; r++)
    if (!(r & s)) {
      const V one = v[r], other = v[r + s];
      v[r] = __builtin_shuffle(one, other, ALL(UPPER));
      v[r + s] = __builtin_shuffle(one, other, ALL(LOWER));
    }
}
#endif

// Lays a matrix out row by row.
template <int M, int N, int ai, int aj>
static __attribute__((noinline)) void turned(const S* a, S* __restrict c) {
  int done = 0;
#if defined(__GNUC__) && !defined(__clang__)
  if (ai == 1 && M % 8 == 0 && N % 8 == 0) {
    typedef typename Vector<8>::type V;
    for (int i = 0; i < M; i += 8)
      for (int j = 0; j < N; j += 8) {
        V v[8];
#pragma GCC unroll 8
        for (int l = 0; l < 8; l++) v[l] = *(const V*)(a + i + (j + l) * aj);
        exchange<1>(v);
        exchange<2>(v);
        exchange<4>(v);
#pragma GCC unroll 8
        for (int l = 0; l < 8; l++) *(V*)(c + (i + l) * N + j) = v[l];
      }
    done = M;
  }
#endif
  for (int i = done; i < M; i++)
    for (int j = 0; j < N; j++) c[i * N + j] = a[i * ai + j * aj];
}
