using System.Text;

namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>Writes the code points of a label in ASCII, and reads them again: RFC 3492. The names of the numbers are those of its section 5.</summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialN = 0x80;
    private const int LastCodePoint = 0x10FFFF;

    /// <summary>Writes a label, without <c>xn--</c>.</summary>
    public static string Encode(IReadOnlyList<int> label)
    {
        var written = new StringBuilder();
        foreach (var basic in label.Where(point => point < InitialN))
        {
            written.Append((char)basic);
        }

        var (basics, handled, n, delta, bias) = (written.Length, written.Length, InitialN, 0L, InitialBias);
        if (basics > 0)
        {
            written.Append('-');
        }

        while (handled < label.Count)
        {
            var next = label.Where(point => point >= n).Min();
            delta += (long)(next - n) * (handled + 1);
            n = next;
            foreach (var point in label)
            {
                delta += point < n ? 1 : 0;
                if (point == n)
                {
                    AppendNumber(written, delta, bias);
                    bias = Adapt(delta, handled + 1, handled == basics);
                    delta = 0;
                    handled++;
                }
            }

            delta++;
            n++;
        }

        return written.ToString();
    }

    /// <summary>Reads a label, without <c>xn--</c>, in small letters.</summary>
    /// <returns>Null when it is no such label.</returns>
    public static List<int>? Decode(ReadOnlySpan<char> written)
    {
        var delimiter = Math.Max(0, written.LastIndexOf('-'));
        var label = new List<int>();
        foreach (var basic in written[..delimiter])
        {
            label.Add(basic);
        }

        var (n, i, bias) = (InitialN, 0L, InitialBias);
        var rest = delimiter > 0 ? written[(delimiter + 1)..] : written;
        while (!rest.IsEmpty)
        {
            if (!TryReadNumber(ref rest, bias, out var number))
            {
                return null;
            }

            i += number;
            bias = Adapt(number, label.Count + 1, label.Count == delimiter);
            var passed = i / (label.Count + 1);
            if (passed > LastCodePoint - n)
            {
                return null;
            }

            n += (int)passed;
            i %= label.Count + 1;
            label.Insert((int)i++, n);
        }

        return label;
    }

    private static void AppendNumber(StringBuilder written, long number, int bias)
    {
        for (var k = Base; ; k += Base)
        {
            var t = Threshold(k, bias);
            if (number < t)
            {
                written.Append(Digit(number));
                return;
            }

            written.Append(Digit(t + ((number - t) % (Base - t))));
            number = (number - t) / (Base - t);
        }
    }

    private static bool TryReadNumber(ref ReadOnlySpan<char> rest, int bias, out long number)
    {
        number = 0;
        var weight = 1L;
        for (var k = Base; !rest.IsEmpty; k += Base)
        {
            var digit = rest[0] switch { >= 'a' and <= 'z' => rest[0] - 'a', >= '0' and <= '9' => rest[0] - '0' + 26, _ => Base };
            rest = rest[1..];
            number += digit * weight;
            if (digit == Base || number > int.MaxValue)
            {
                return false;
            }

            var t = Threshold(k, bias);
            if (digit < t)
            {
                return true;
            }

            // No label of a name is so long that a number of it does not fit.
            weight *= Base - t;
            if (weight > int.MaxValue)
            {
                return false;
            }
        }

        return false;
    }

    private static int Threshold(int k, int bias) => Math.Clamp(k - bias, TMin, TMax);

    private static char Digit(long value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    private static int Adapt(long delta, int points, bool isFirst)
    {
        delta = isFirst ? delta / Damp : delta / 2;
        delta += delta / points;
        var k = 0;
        while (delta > (Base - TMin) * TMax / 2)
        {
            delta /= Base - TMin;
            k += Base;
        }

        return (int)(k + ((Base - TMin + 1) * delta / (delta + Skew)));
    }
}
