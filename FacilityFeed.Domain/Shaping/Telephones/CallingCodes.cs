using PhoneNumbers;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>Tells of a number that is written as <c>+</c> and digits whether it is valid as it is.</summary>
internal static class CallingCodes
{
    /// <summary>Most digits of a calling code.</summary>
    public const int Longest = 3;

    // By calling code, which has one to three digits, and none begins with another.
    private static readonly NumberingPlan?[] _plans = Read();

    /// <summary>The plan of a calling code that exists.</summary>
    public static NumberingPlan Plan(int code) => _plans[code] ?? throw new ArgumentOutOfRangeException(nameof(code), code, "There is no such calling code.");

    /// <summary>Whether this is <c>+</c>, a calling code and a number that is valid there (E.164). Allocates nothing.</summary>
    /// <param name="number">UTF-8.</param>
    public static bool IsNumber(ReadOnlySpan<byte> number)
    {
        Span<char> digits = stackalloc char[Longest + NumberingPlan.Longest];
        return number.Length > 1 && number[0] == '+' && AsciiDigits.TryWiden(number[1..], digits, out var length) && IsNumber(digits[..length]);
    }

    /// <summary>Whether this is a calling code and a number that is valid there.</summary>
    /// <param name="digits">ASCII digits.</param>
    public static bool IsNumber(ReadOnlySpan<char> digits) => Find(digits, out var length) is { } plan && plan.IsValid(digits[length..]);

    /// <summary>How many digits follow the calling code of a number that has one.</summary>
    /// <param name="digits">ASCII digits.</param>
    public static int NationalLength(ReadOnlySpan<char> digits) => Find(digits, out var length) is null ? 0 : digits.Length - length;

    private static NumberingPlan? Find(ReadOnlySpan<char> digits, out int length)
    {
        var code = 0;
        for (length = 1; length <= Longest && length < digits.Length; length++)
        {
            code = (code * 10) + digits[length - 1] - '0';

            // None begins with 0, and "+049" is not +49.
            if (code == 0)
            {
                break;
            }

            if (_plans[code] is { } plan)
            {
                return plan;
            }
        }

        return null;
    }

    private static NumberingPlan?[] Read()
    {
        var plans = new NumberingPlan?[1000];
        foreach (var code in PhoneNumberUtil.GetInstance().GetSupportedCallingCodes())
        {
            plans[code] = new NumberingPlan(code);
        }

        return plans;
    }
}
