// GroupNorm followed by SiLU (or not) over bfloat16 tensors in channels-last memory, forward and backward.
#include <ATen/Parallel.h>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

inline float widen(uint16_t value) {
    uint32_t bits = uint32_t(value) << 16;
    float result;
    std::memcpy(&result, &bits, 4);
    return result;
}

inline uint16_t narrow(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    return uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

inline float sigmoid(float value) { return 1.0f / (1.0f + expf(-value)); }

// One position: the gradient before the SiLU, and its sums for gamma and beta.
template <bool silu>
void collect(const uint16_t* __restrict__ x, const uint16_t* __restrict__ dy, const float* __restrict__ gamma,
             const float* __restrict__ beta, const float* __restrict__ mean, const float* __restrict__ rstd,
             float* __restrict__ gradient, float* __restrict__ dgamma, float* __restrict__ dbeta, int64_t channels) {
    for (int64_t c = 0; c < channels; c++) {
        const float hat = (widen(x[c]) - mean[c]) * rstd[c];
        float d = widen(dy[c]);
        if constexpr (silu) {
            const float h = hat * gamma[c] + beta[c], s = sigmoid(h);
            d *= s * (1.0f + h * (1.0f - s));
        }
        gradient[c] = d;
        dbeta[c] += d;
        dgamma[c] += d * hat;
    }
}

// One position: the gradient of the input.
void finish(const uint16_t* __restrict__ x, const float* __restrict__ gradient, const float* __restrict__ gamma,
            const float* __restrict__ mean, const float* __restrict__ rstd, const float* __restrict__ plain,
            const float* __restrict__ shaped, uint16_t* __restrict__ dx, int64_t channels) {
    for (int64_t c = 0; c < channels; c++) {
        const float hat = (widen(x[c]) - mean[c]) * rstd[c];
        dx[c] = narrow(rstd[c] * (gamma[c] * gradient[c] - plain[c] - hat * shaped[c]));
    }
}

}  // namespace

// x, y: (pictures, positions, channels) bfloat16; mean, rstd: (pictures, groups) float.
extern "C" void norm_forward(const uint16_t* x, const float* gamma, const float* beta, uint16_t* y, float* mean,
                             float* rstd, int64_t pictures, int64_t positions, int64_t channels, int64_t groups,
                             float epsilon, int silu) {
    const int64_t wide = channels / groups;
    at::parallel_for(0, pictures, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> sum(channels), square(channels), scale(channels), shift(channels);
        for (int64_t n = begin; n < end; n++) {
            const uint16_t* in = x + n * positions * channels;
            uint16_t* out = y + n * positions * channels;
            std::fill(sum.begin(), sum.end(), 0.0f);
            std::fill(square.begin(), square.end(), 0.0f);
            float *s = sum.data(), *q = square.data(), *a = scale.data(), *b = shift.data();
            for (int64_t p = 0; p < positions; p++)
                for (int64_t c = 0; c < channels; c++) {
                    const float value = widen(in[p * channels + c]);
                    s[c] += value;
                    q[c] += value * value;
                }
            const double count = double(positions * wide);
            for (int64_t g = 0; g < groups; g++) {
                double total = 0, squares = 0;
                for (int64_t c = g * wide; c < (g + 1) * wide; c++) { total += s[c]; squares += q[c]; }
                const double average = total / count;
                const double variance = std::max(0.0, squares / count - average * average);
                mean[n * groups + g] = float(average);
                rstd[n * groups + g] = float(1.0 / std::sqrt(variance + epsilon));
                for (int64_t c = g * wide; c < (g + 1) * wide; c++) {
                    a[c] = gamma[c] * rstd[n * groups + g];
                    b[c] = beta[c] - a[c] * float(average);
                }
            }
            for (int64_t p = 0; p < positions; p++) {
                const uint16_t* row = in + p * channels;
                uint16_t* to = out + p * channels;
                if (silu)
                    for (int64_t c = 0; c < channels; c++) {
                        const float h = widen(row[c]) * a[c] + b[c];
                        to[c] = narrow(h * sigmoid(h));
                    }
                else
                    for (int64_t c = 0; c < channels; c++) to[c] = narrow(widen(row[c]) * a[c] + b[c]);
            }
        }
    });
}

// dgamma, dbeta: (pictures, channels) float, to be summed over the pictures by the caller.
extern "C" void norm_backward(const uint16_t* dy, const uint16_t* x, const float* gamma, const float* beta,
                              const float* mean, const float* rstd, uint16_t* dx, float* dgamma, float* dbeta,
                              int64_t pictures, int64_t positions, int64_t channels, int64_t groups, int silu) {
    const int64_t wide = channels / groups;
    at::parallel_for(0, pictures, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> rs(channels), mu(channels), grad(positions * channels), first(channels), second(channels);
        for (int64_t n = begin; n < end; n++) {
            const int64_t start = n * positions * channels;
            float *r = rs.data(), *m = mu.data(), *dg = dgamma + n * channels, *db = dbeta + n * channels;
            for (int64_t c = 0; c < channels; c++) {
                r[c] = rstd[n * groups + c / wide];
                m[c] = mean[n * groups + c / wide];
                dg[c] = db[c] = 0.0f;
            }
            for (int64_t p = 0; p < positions; p++) {
                const int64_t at = start + p * channels;
                if (silu)
                    collect<true>(x + at, dy + at, gamma, beta, m, r, grad.data() + p * channels, dg, db, channels);
                else
                    collect<false>(x + at, dy + at, gamma, beta, m, r, grad.data() + p * channels, dg, db, channels);
            }
            float *k1 = first.data(), *k2 = second.data();
            for (int64_t g = 0; g < groups; g++) {
                float plain = 0, shaped = 0;
                for (int64_t c = g * wide; c < (g + 1) * wide; c++) {
                    plain += gamma[c] * db[c];
                    shaped += gamma[c] * dg[c];
                }
                for (int64_t c = g * wide; c < (g + 1) * wide; c++) {
                    k1[c] = plain / float(positions * wide);
                    k2[c] = shaped / float(positions * wide);
                }
            }
            for (int64_t p = 0; p < positions; p++) {
                const int64_t at = start + p * channels;
                finish(x + at, grad.data() + p * channels, gamma, m, r, k1, k2, dx + at, channels);
            }
        }
    });
}
