using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ArtifactStore.Interfaces.Canonical;

namespace ArtifactStore.Interfaces.Tests.Canonical;

/// <summary>Short ways to make documents, and a seeded source of odd ones.</summary>
internal static class Documents
{
    private static readonly string[] Fragments =
    [
        "", "a", "b", "aa", "zeta", "é", "ö", "€", "\u0080", "\uE000", "\uFB33", "\uFFFF", "😀",
        "𐀀", "\r", "\n", "\u001f", "\"", "\\", "/", "</script>",
        "\u2028", "\u007f", "key with spaces",
    ];

    private static readonly double[] OddNumbers =
    [
        0.5, 1.5, 0.1, 1e-7, 1e21, 1e300, 5e-324, 1.7976931348623157e308, 65504.5, 0.333251953125, 3.4028234663852886e38, 1e-6, 123456.789,
        0.000001, 9.5367431640625e-7, 2.2250738585072014e-308,
    ];

    public static CanonicalDocument FromJson(string json) =>
        CanonicalDocument.TryFromJson(Encoding.UTF8.GetBytes(json), CanonicalLimits.Default, out var document, out var error)
            ? document
            : throw new ArgumentException(error, nameof(json));

    public static string? RefusalOfJson(string json) =>
        CanonicalDocument.TryFromJson(Encoding.UTF8.GetBytes(json), CanonicalLimits.Default, out _, out var error) ? null : error;

    public static string? RefusalOfCbor(string hex) =>
        CanonicalDocument.TryFromCbor(Convert.FromHexString(hex), out _, out var error) ? null : error;

    public static string Json(JsonNode? node) => node is null ? "null" : node.ToJsonString(JsonSerializerOptions.Default);

    public static JsonNode? Any(Random random, int depth = 4) => random.Next(depth > 0 ? 9 : 7) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-70000, 70000)),
        3 => JsonValue.Create(random.NextInt64(-SafeInteger.Max, SafeInteger.Max + 1)),
        4 => JsonValue.Create(AnyDouble(random)),
        5 or 6 => JsonValue.Create(AnyText(random)),
        7 => new JsonArray([.. Enumerable.Range(0, random.Next(6)).Select(_ => Any(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(8)).Select(_ => AnyText(random)).Distinct(StringComparer.Ordinal)
            .Select(key => KeyValuePair.Create(key, Any(random, depth - 1)))),
    };

    private static string AnyText(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(random.Next(8) == 0 ? 40 : 4)).Select(_ => Fragments[random.Next(Fragments.Length)]));

    private static double AnyDouble(Random random)
    {
        if (random.Next(3) == 0)
            return OddNumbers[random.Next(OddNumbers.Length)] * (random.Next(2) == 0 ? 1 : -1);
        var value = random.Next(3) switch
        {
            0 => (double)BitConverter.UInt16BitsToHalf((ushort)random.Next(1 << 16)),
            1 => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)),
            _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        };
        var outside = double.IsInteger(value) && !(Math.Abs(value) <= SafeInteger.Max) && Math.Abs(value) < 1e21;
        return double.IsFinite(value) && !outside ? value : 0.25;
    }
}
