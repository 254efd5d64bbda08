using System.Xml.Linq;

namespace ArtifactStore.Architecture.Tests;

/// <summary>The arrows of docs/ARCHITECTURE.md. Whoever needs another one changes the architecture, and this table, on purpose.</summary>
public class Arrows
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Interfaces"] = [],
        ["Grains"] = ["Interfaces"],
        ["Storage"] = ["Interfaces"],
        ["Gateway"] = ["Interfaces"],
        ["Client"] = ["Interfaces"],
        ["Cli"] = ["Client"],
        ["Silo"] = ["Cli", "Gateway", "Grains", "Storage"],
    };

    [Fact]
    public void Every_room_is_known() =>
        Assert.Equal(Allowed.Keys.Order(), Directory.GetDirectories(Checkout.Path("src")).Select(Path.GetFileName).Order());

    [Theory]
    [InlineData("Interfaces")]
    [InlineData("Grains")]
    [InlineData("Storage")]
    [InlineData("Gateway")]
    [InlineData("Client")]
    [InlineData("Cli")]
    [InlineData("Silo")]
    public void A_room_references_only_what_the_map_shows(string room)
    {
        var project = XDocument.Load(Checkout.Path("src", room, $"{room}.csproj"));
        var references = project.Descendants("ProjectReference").Select(e => Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value));
        Assert.Equal(Allowed[room].Order(), references.Order());
    }

    [Fact]
    public void No_door_references_another_door()
    {
        var gateway = Checkout.Path("src", "Gateway");
        var doors = Directory.GetDirectories(gateway).Select(Path.GetFileName).Where(name => name is not ("Shared" or "bin" or "obj")).ToArray();
        Assert.NotEmpty(doors);
        foreach (var file in Checkout.Sources("src/Gateway"))
        {
            var home = Path.GetRelativePath(gateway, file).Split('/')[0];
            if (!doors.Contains(home)) continue;
            foreach (var other in doors.Where(door => door != home))
            {
                Assert.DoesNotContain($"ArtifactStore.Gateway.{other}", File.ReadAllText(file));
            }
        }
    }

    /// <summary>
    /// Only the collector deletes bytes (design rule 7 of contents), and there is none yet: nothing may call the port's Delete.
    /// </summary>
    [Fact]
    public void R12_no_request_handler_deletes_an_object()
    {
        foreach (var room in new[] { "src/Gateway", "src/Grains", "src/Silo", "src/Client", "src/Cli" })
        {
            foreach (var file in Checkout.Sources(room))
            {
                if (Checkout.Relative(file) == "src/Gateway/Shared/Collection/LocationDeletion.cs") continue;
                var text = File.ReadAllText(file);
                Assert.False(
                    text.Contains("IBlobStore", StringComparison.Ordinal) && text.Contains(".Delete(", StringComparison.Ordinal),
                    $"{Checkout.Relative(file)} can delete objects");
            }
        }
    }

    [Fact]
    public void Orleans_is_named_only_at_the_seams()
    {
        foreach (var file in Checkout.Sources("src"))
        {
            if (file.EndsWith(".Orleans.cs", StringComparison.Ordinal) || file.Contains("/Silo/Hosting/Orleans/", StringComparison.Ordinal)) continue;
            foreach (var line in File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            {
                Assert.False(line.Contains("Orleans", StringComparison.Ordinal), $"{Checkout.Relative(file)}: {line.Trim()}");
            }
        }
    }

    [Fact]
    public void P03_the_grains_know_no_database_no_http_and_no_s3()
    {
        string[] foreign = ["Microsoft.AspNetCore", "System.Net.Http", "SQLite", "Npgsql", "Amazon.", "System.IO.File"];
        foreach (var file in Checkout.Sources("src/Grains"))
        {
            var text = File.ReadAllText(file);
            foreach (var name in foreign) Assert.False(text.Contains(name, StringComparison.Ordinal), $"{Checkout.Relative(file)} mentions {name}");
        }
    }

    [Fact]
    public void P03_the_native_door_knows_no_s3_words()
    {
        foreach (var room in new[] { "src/Gateway/Native", "src/Gateway/Shared", "src/Grains" })
        {
            foreach (var file in Checkout.Sources(room))
            {
                Assert.False(
                    File.ReadLines(file).Any(line => line.Contains("bucket", StringComparison.OrdinalIgnoreCase)
                        && !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && !line.Contains("histogram", StringComparison.OrdinalIgnoreCase)
                        && !line.Contains("_bucket", StringComparison.Ordinal)),
                    $"{Checkout.Relative(file)} speaks of buckets");
            }
        }
    }

    /// <summary>The simulation drives grains and hosts; a hidden thread, timer or pool would escape it.</summary>
    [Fact]
    public void Grains_and_hosts_start_nothing_that_the_scheduler_does_not_see()
    {
        string[] banned = ["Task.Run(", "ConfigureAwait(false)", "new Thread(", "new Timer(", "ThreadPool.", "Task.Delay(", "PeriodicTimer("];
        foreach (var file in Checkout.Sources("src/Grains"))
        {
            foreach (var line in File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            {
                // A delay on the injected clock is driven like everything else.
                if (line.Contains("Task.Delay(", StringComparison.Ordinal) && line.Contains(", time)", StringComparison.Ordinal)) continue;
                foreach (var call in banned) Assert.False(line.Contains(call, StringComparison.Ordinal), $"{Checkout.Relative(file)}: {line.Trim()}");
            }
        }
    }
}
