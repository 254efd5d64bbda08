using System.Buffers;
using System.Globalization;

namespace ArtifactStore.Interfaces.Contents;

/// <summary>A number of bytes as people write it: <c>500</c>, <c>10GB</c> (thousands), <c>10GiB</c> (1024s), <c>1.5TB</c>.</summary>
public readonly record struct ByteSize(long Bytes)
{
    public const string Shape = "a number of bytes, such as 500, 10GB or 1.5TiB";

    private const string Prefixes = "KMGTPE";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        var rest = (text ?? "").AsSpan().Trim();
        var digits = rest.IndexOfAnyExcept(Digits);
        var number = digits < 0 ? rest : rest[..digits];
        var unit = rest[number.Length..].TrimStart();
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)) return false;
        if (Factor(unit) is not { } factor || amount < 0 || amount > long.MaxValue / factor) return false;
        size = new((long)Math.Ceiling(amount * factor));
        return true;
    }

    private static decimal? Factor(ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty || unit.Equals("B", StringComparison.OrdinalIgnoreCase)) return 1;
        var power = Prefixes.IndexOf(char.ToUpperInvariant(unit[0])) + 1;
        if (power == 0) return null;
        var kilo = unit[1..] switch
        {
            [] or ['b' or 'B'] => 1000m,
            ['i' or 'I', 'b' or 'B'] => 1024m,
            _ => 0m,
        };
        if (kilo == 0) return null;
        var factor = 1m;
        for (var i = 0; i < power; i++) factor *= kilo;
        return factor;
    }
}
