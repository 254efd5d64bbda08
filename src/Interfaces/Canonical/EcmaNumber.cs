using System.Globalization;

namespace ArtifactStore.Interfaces.Canonical;

/// <summary>
/// Numbers as ECMAScript's Number::toString writes them, which RFC 8785 §3.2.2.3 prescribes. .NET finds the same shortest digits;
/// only their layout differs (where the point goes, when an exponent appears and how it looks).
/// </summary>
public static class EcmaNumber
{
    /// <summary>Longest text: sign, 0.00000, 17 digits ("-0.0000012345678901234567") or a mantissa with a three-digit exponent.</summary>
    public const int MaxLength = 32;

    public static string Format(double value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return System.Text.Encoding.ASCII.GetString(text[..Format(value, text)]);
    }

    /// <summary>Writes a finite double; returns the number of bytes written.</summary>
    public static int Format(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "JSON has no infinities and no NaN.");
        if (value == 0)
        {
            destination[0] = (byte)'0';
            return 1;
        }

        var sign = 0;
        if (value < 0)
            destination[sign++] = (byte)'-';
        Span<byte> digits = stackalloc byte[MaxLength];
        // "point" is ECMAScript's n: the value is 0.d1d2d3… times ten to the power of point.
        var count = ShortestDigits(Math.Abs(value), digits, out var point);
        return sign + Layout(digits[..count], point, destination[sign..]);
    }

    private static int ShortestDigits(double value, Span<byte> digits, out int point)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        text = text[..FormatExactly(value, text)];
        var exponent = 0;
        var e = text.IndexOf((byte)'E');
        if (e >= 0)
        {
            exponent = int.Parse(text[(e + 1)..], CultureInfo.InvariantCulture);
            text = text[..e];
        }

        var dot = text.IndexOf((byte)'.');
        point = (dot < 0 ? text.Length : dot) + exponent;
        var count = 0;
        foreach (var symbol in text)
        {
            if (symbol == (byte)'0' && count == 0)
            {
                // Leading zeros ("0.05") move the point; they are not digits.
                point--;
                continue;
            }

            if (symbol != (byte)'.')
                digits[count++] = symbol;
        }

        // "1200": trailing zeros belong to the point's position, not to the digits.
        while (count > 1 && digits[count - 1] == (byte)'0')
            count--;
        return count;
    }

    /// <summary>
    /// The shortest text that parses back, in .NET's layout. "R" promises that but breaks it for rare values (4.1045368012983762E-289
    /// loses its last digit), so the promise is checked, and otherwise kept by the first precision that holds it.
    /// </summary>
    private static int FormatExactly(double value, Span<byte> text)
    {
        foreach (var format in (ReadOnlySpan<string>)["R", "E14", "E15", "E16"])
        {
            if (value.TryFormat(text, out var length, format, CultureInfo.InvariantCulture)
                && double.Parse(text[..length], CultureInfo.InvariantCulture) == value)
                return length;
        }

        throw new InvalidOperationException("Seventeen digits identify every double.");
    }

    private static int Layout(ReadOnlySpan<byte> digits, int point, Span<byte> output)
    {
        var length = 0;
        if (point is > 0 and <= 21)
        {
            if (digits.Length <= point)
            {
                digits.CopyTo(output);
                output[digits.Length..point].Fill((byte)'0');
                return point;
            }

            digits[..point].CopyTo(output);
            output[point] = (byte)'.';
            digits[point..].CopyTo(output[(point + 1)..]);
            return digits.Length + 1;
        }

        if (point is > -6 and <= 0)
        {
            output[length++] = (byte)'0';
            output[length++] = (byte)'.';
            output.Slice(length, -point).Fill((byte)'0');
            length += -point;
            digits.CopyTo(output[length..]);
            return length + digits.Length;
        }

        output[length++] = digits[0];
        if (digits.Length > 1)
        {
            output[length++] = (byte)'.';
            digits[1..].CopyTo(output[length..]);
            length += digits.Length - 1;
        }

        output[length++] = (byte)'e';
        output[length++] = (byte)(point > 0 ? '+' : '-');
        Math.Abs(point - 1).TryFormat(output[length..], out var written, default, CultureInfo.InvariantCulture);
        return length + written;
    }
}
