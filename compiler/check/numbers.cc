#include "check/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "check/caps.h"

namespace vdlc::passes {
namespace {

constexpr std::size_t kMaxDigits = kMaxNumberBits;  // binary digits, the densest the other way round are refused later
constexpr std::size_t kShownDigits = 40;

std::string without_underscores(std::string_view text) {
  std::string result(text);
  std::erase(result, '_');
  return result;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct Digits {
  std::string text;
  int base = 10;
};

Digits split_base(std::string_view literal) {
  std::string text = without_underscores(literal);
  if (text.size() < 2 || text[0] != '0') return {text, 10};
  switch (lower(text[1])) {
    case 'x':
      return {text.substr(2), 16};
    case 'b':
      return {text.substr(2), 2};
    case 'o':
      return {text.substr(2), 8};
  }
  return {text.substr(1), 8};
}

// A decimal number of at most nine digits with sign; what is longer counts as that many, which is beyond every limit.
long parse_exponent(std::string_view text) {
  constexpr long kHuge = 999'999'999;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  long value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), kHuge);
  return negative ? -value : value;
}

mpz_class power(unsigned base, unsigned long exponent) {
  mpz_class result;
  mpz_ui_pow_ui(result.get_mpz_t(), base, exponent);
  return result;
}

FloatRange range(const mpq_class& number, double smallest, double largest) {
  if (number == 0) return FloatRange::kFits;
  const mpq_class magnitude = abs(number);
  if (magnitude > mpq_class(largest)) return FloatRange::kTooLarge;
  if (magnitude < mpq_class(smallest)) return FloatRange::kTooSmall;
  return FloatRange::kFits;
}

long bit_length(const mpz_class& number) { return static_cast<long>(mpz_sizeinbase(number.get_mpz_t(), 2)); }

}  // namespace

bool is_small_enough(const mpz_class& number) { return mpz_sizeinbase(number.get_mpz_t(), 2) <= kMaxNumberBits; }

bool is_small_enough(const mpq_class& number) {
  return is_small_enough(number.get_num()) && is_small_enough(number.get_den());
}

std::optional<mpz_class> parse_integer(std::string_view literal) {
  if (literal.size() > 2 * kMaxDigits) return std::nullopt;
  const Digits digits = split_base(literal);
  mpz_class result;
  if (digits.text.empty() || result.set_str(digits.text, digits.base) != 0) return std::nullopt;
  if (!is_small_enough(result)) return std::nullopt;
  return result;
}

std::optional<mpq_class> parse_rational(std::string_view literal) {
  if (literal.size() > 2 * kMaxDigits) return std::nullopt;
  std::string text = without_underscores(literal);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  const bool is_hex = text.size() > 1 && text[0] == '0' && text[1] == 'x';
  if (is_hex) text.erase(0, 2);

  // mantissa * base^exponent, the base of the exponent being 2 for hexadecimal literals.
  long exponent = 0;
  if (const auto mark = text.find(is_hex ? 'p' : 'e'); mark != std::string::npos) {
    exponent = parse_exponent(std::string_view(text).substr(mark + 1));
    text.resize(mark);
  }
  if (const auto point = text.find('.'); point != std::string::npos) {
    exponent -= static_cast<long>(text.size() - point - 1) * (is_hex ? 4 : 1);
    text.erase(point, 1);
  }
  mpz_class mantissa;
  if (text.empty() || mantissa.set_str(text, is_hex ? 16 : 10) != 0) return std::nullopt;
  if (mantissa == 0) return mpq_class(0);
  const unsigned base = is_hex ? 2 : 10;
  if (static_cast<std::size_t>(std::labs(exponent)) > kMaxNumberBits / (is_hex ? 1 : 3)) return std::nullopt;
  const mpz_class scale = power(base, static_cast<unsigned long>(std::labs(exponent)));
  mpq_class result = exponent < 0 ? mpq_class(mantissa, scale) : mpq_class(mantissa * scale);
  result.canonicalize();
  if (!is_small_enough(result)) return std::nullopt;
  return result;
}

FloatRange range_in_float32(const mpq_class& number) {
  using Limits = std::numeric_limits<float>;
  return range(number, Limits::denorm_min(), Limits::max());
}

FloatRange range_in_float64(const mpq_class& number) {
  using Limits = std::numeric_limits<double>;
  return range(number, Limits::denorm_min(), Limits::max());
}

double round_to_float64(const mpq_class& number) {
  if (number == 0) return 0;
  constexpr long kPrecision = std::numeric_limits<double>::digits;                  // 53
  constexpr long kLowest = std::numeric_limits<double>::min_exponent - kPrecision;  // of the last bit: -1074
  const mpz_class numerator = abs(number.get_num());
  const mpz_class& denominator = number.get_den();
  // 2^(length - 1) < |number| < 2^(length + 1), so that the quotient below has 53 or 54 bits, fewer for denormals.
  const long length = bit_length(numerator) - bit_length(denominator);
  long last_bit = std::max(length - kPrecision, kLowest);
  const auto divide = [&](mpz_class& remainder) {
    mpz_class dividend = numerator;
    mpz_class divisor = denominator;
    if (last_bit < 0) dividend <<= static_cast<unsigned long>(-last_bit);
    if (last_bit > 0) divisor <<= static_cast<unsigned long>(last_bit);
    mpz_class quotient;
    mpz_fdiv_qr(quotient.get_mpz_t(), remainder.get_mpz_t(), dividend.get_mpz_t(), divisor.get_mpz_t());
    // Twice the remainder against the divisor says on which side of the middle the number lies.
    remainder = 2 * remainder - divisor;
    return quotient;
  };
  mpz_class side;
  mpz_class quotient = divide(side);
  if (bit_length(quotient) > kPrecision) {
    ++last_bit;
    quotient = divide(side);
  }
  if (side > 0 || (side == 0 && mpz_odd_p(quotient.get_mpz_t()))) ++quotient;
  const double magnitude = std::ldexp(quotient.get_d(), static_cast<int>(last_bit));
  return number < 0 ? -magnitude : magnitude;
}

double round_to_float32(const mpq_class& number) { return static_cast<float>(round_to_float64(number)); }

std::string spell(const mpz_class& number) {
  if (mpz_sizeinbase(number.get_mpz_t(), 10) > 2 * kShownDigits) {
    const auto bits = mpz_sizeinbase(number.get_mpz_t(), 2);
    return (number < 0 ? "a negative number of " : "a number of ") + std::to_string(bits) + " bits";
  }
  return number.get_str();
}

std::string spell(const mpq_class& number) {
  if (number.get_den() == 1) return spell(number.get_num());
  // Exact where the denominator has only twos and fives and few of them, which covers what people write.
  mpq_class scaled = number;
  for (std::size_t places = 1; places <= kShownDigits; ++places) {
    scaled *= 10;
    if (scaled.get_den() != 1) continue;
    const bool negative = scaled < 0;
    std::string digits = mpz_class(abs(scaled.get_num())).get_str();
    if (digits.size() > 2 * kShownDigits) break;
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
    return (negative ? "-" : "") + digits;
  }
  const std::string ratio = number.get_str();
  if (ratio.size() <= 2 * kShownDigits) return ratio;
  // Only the size matters to the reader: about one decimal digit more than the exponent.
  const long bits = bit_length(number.get_num()) - bit_length(number.get_den());
  return "about 2^" + std::to_string(bits);
}

}  // namespace vdlc::passes
