using System.Text.Json;
using System.Text.Json.Nodes;
using ArtifactStore.EndToEnd.Tests.Fixtures;
using ArtifactStore.Interfaces.Events;
using ArtifactStore.Interfaces.Ids;
using ArtifactStore.Interfaces.Journal;
using static ArtifactStore.EndToEnd.Tests.Backups.BackedUpStore;

namespace ArtifactStore.EndToEnd.Tests.Backups;

/// <summary>Damage is found and named, and what must not be mixed is not: one sentence and an exit code each, and nothing was written.</summary>
public class Refusals
{
    private const string Segment = "log/000000000001.cbor";

    [Theory]
    [InlineData("segment changed", 5, "000000000001.cbor")]
    [InlineData("segment cut", 5, "000000000001.cbor")]
    [InlineData("segment missing", 5, "is missing")]
    [InlineData("segment swapped for a valid shorter log", 5, "000000000001.cbor")]
    [InlineData("content changed", 5, "is damaged")]
    [InlineData("content cut", 5, "is damaged")]
    [InlineData("content missing", 5, "is missing")]
    [InlineData("backup.json cut", 5, "backup.json is damaged")]
    [InlineData("backup.json of another end", 5, "backup.json names another end")]
    [InlineData("backup.json of another version", 1, "artifactstore-backup/9")]
    [InlineData("backup.json missing", 1, "no complete backup")]
    public async Task Damage_is_one_sentence_and_nothing_is_restored_from_it(string damage, int exitCode, string words)
    {
        using var folder = new TemporaryFolder();
        await using (var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite))
        {
            await Put(store, await store.Http.CreatePackage(), "a", Bytes(new Random(3), 4000));
            await Backup(store, folder["backup"]);
        }
        var content = ContentIn(folder["backup"], Hex(Bytes(new Random(3), 4000)));
        Damage(folder["backup"], damage, content);

        OneSentence(await Alone(folder["x"], "backup", folder["backup"], "--verify"), exitCode, words);
        OneSentence(await Alone(folder["b"], "restore", folder["backup"]), exitCode, words);

        if (File.Exists(content)) Assert.Empty(await StoredObjects.Of(folder["b"]));
        if (damage.StartsWith("content ch", StringComparison.Ordinal)) return;
        Assert.False(File.Exists(folder["b", "artifactstore.db"]), "a database was begun for a backup that is damaged");
    }

    [Theory]
    [InlineData("content cut")]
    [InlineData("content missing")]
    public async Task The_next_backup_makes_good_what_is_missing(string damage)
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        var bytes = Bytes(new Random(3), 4000);
        await Put(store, await store.Http.CreatePackage(), "a", bytes);
        await Backup(store, folder["backup"]);
        Damage(folder["backup"], damage, ContentIn(folder["backup"], Hex(bytes)));
        Assert.Equal(1, (await Backup(store, folder["backup"])).GetProperty("new_contents").GetInt64());
        await Verified(folder["backup"]);
    }

    [Fact]
    [Trait("Needs", "local")]
    public async Task A_restore_goes_only_into_what_is_empty_and_nobodys()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Fill(store, files: 2);
        await Backup(store, folder["backup"]);
        OneSentence(await Alone(folder["a"], "restore", folder["backup"]), 1, "another process has the store");
        Assert.Equal(0, await store.Stop());
        var (lines, _) = await Everything(folder["a"]);
        OneSentence(await Alone(folder["a"], "restore", folder["backup"]), 1, "is not empty");
        Assert.Equal(lines, (await Everything(folder["a"])).Lines);

        // The old root under a new database: refused by the restore, and by a server.
        File.Move(folder["a", "artifactstore.db"], folder["old.db"]);
        OneSentence(await Alone(folder["a"], "restore", folder["backup"]), 1, "incarnation 1", "incarnation 2");
        await Restore(folder["backup"], folder["b"]);
        Directory.Move(folder["b", "storage"], folder["b", "restored"]);
        Directory.Move(folder["a", "storage"], folder["b", "storage"]);
        var serve = await Alone(folder["b"], "serve");
        Assert.Equal(1, serve.ExitCode);
        Assert.Contains("name the root that was restored together with this database", serve.Errors);

        // A root of the right incarnation that is not from this restore.
        folder["c"].MakeFolder();
        Directory.Move(folder["b", "restored"], folder["c", "storage"]);
        OneSentence(await Alone(folder["c"], "restore", folder["backup"]), 1, "holds objects");
    }

    [Fact]
    public async Task A_directory_takes_one_store_and_one_life_of_it()
    {
        using var folder = new TemporaryFolder();
        await using var one = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        await Backup(one, folder["backup"]);
        await using (var other = await StoreProcess.Start(folder["b"].MakeFolder(), deployment: Deployment.Sqlite))
        {
            OneSentence(await other.Run("backup", folder["backup"]), 1, "name another directory");
        }
        // The store loses its last events by the back door: an older copy of its database is put in place.
        Assert.Equal(0, await one.Stop());
        File.Copy(folder["a", "artifactstore.db"], folder["older.db"]);
        await one.StartAgain();
        await one.Http.CreatePackage();
        await Backup(one, folder["backup"]);
        Assert.Equal(0, await one.Stop());
        File.Copy(folder["older.db"], folder["a", "artifactstore.db"], overwrite: true);
        await one.StartAgain();
        OneSentence(await one.Run("backup", folder["backup"]), 1, "lost events");
        await one.Http.CreatePackage();
        OneSentence(await one.Run("backup", folder["backup"]), 1, "two lives of one log");
        await Verified(folder["backup"]);
    }

    [Fact]
    public async Task A_backend_that_is_not_configured_is_named_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        await using (var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite))
        {
            await Put(store, await store.Http.CreatePackage(), "a", [1]);
            await Backup(store, folder["backup"]);
        }
        await Rewrite(folder["backup"], body => body is LocationSettled settled ? settled with { Backend = new BackendId("glacier") } : body);
        OneSentence(await Alone(folder["b"], "restore", folder["backup"]), 1, "'glacier'", "ARTIFACTSTORE_STORAGE_BACKENDS");
        await StoredObjects.RequireNothing(folder["b"]);
        Assert.False(File.Exists(folder["b", "artifactstore.db"]));
    }

    [Fact]
    public async Task A_backup_needs_a_token_like_every_reader()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreProcess.Start(folder["a"].MakeFolder(), deployment: Deployment.Sqlite);
        var variables = new Dictionary<string, string?> { ["ARTIFACTSTORE_API_URL"] = store.Url.ToString() };
        OneSentence(await Execution.Run(StoreProcess.Executable, ["backup", folder["backup"]], variables), 3, "ARTIFACTSTORE_API_TOKEN");
        Assert.False(Directory.Exists(folder["backup"]));
    }

    private static void Damage(string backup, string damage, string content)
    {
        var (file, how) = damage.Split(' ', 2) switch
        {
            ["segment", var rest] => (Path.Combine(backup, Segment), rest),
            ["content", var rest] => (content, rest),
            [_, var rest] => (Path.Combine(backup, "backup.json"), rest),
            _ => throw new InvalidOperationException(damage),
        };
        var bytes = File.ReadAllBytes(file);
        switch (how)
        {
            case "changed":
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case "cut":
                File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
                break;
            case "missing":
                File.Delete(file);
                break;
            case "swapped for a valid shorter log":
                // As if an older state of the file had come back; backup.json knows better.
                var lines = Lines(file).GetAwaiter().GetResult();
                File.WriteAllBytes(file, [.. lines.Take(5).SelectMany(EventLine.Encode)]);
                break;
            case "of another end":
                Change(file, json => json["head_leaf_digest"] = new string('0', 64));
                break;
            case "of another version":
                Change(file, json => json["format"] = "artifactstore-backup/9");
                break;
            default:
                throw new InvalidOperationException(damage);
        }
    }

    /// <summary>A backup that is sound in itself, of a store that had other events.</summary>
    private static async Task Rewrite(string backup, Func<StoreEvent, StoreEvent> change)
    {
        var file = Path.Combine(backup, Segment);
        var bytes = new List<byte>();
        var leaf = default(Interfaces.Hashing.Digest256);
        foreach (var line in await Lines(file))
        {
            var payload = EventCodec.Encode(change(EventCodec.Decode(line.Type, line.Payload)!));
            var changed = line with { Payload = payload, PayloadDigest = LeafDigest.OfPayload(payload) };
            leaf = LeafDigest.Of(changed);
            bytes.AddRange(EventLine.Encode(changed with { LeafDigest = leaf }));
        }
        await File.WriteAllBytesAsync(file, [.. bytes]);
        Change(Path.Combine(backup, "backup.json"), json =>
        {
            json["head_leaf_digest"] = leaf.ToHex();
            json["segments"]![0]!["bytes"] = bytes.Count;
            json["segments"]![0]!["blake3"] = Hex([.. bytes]);
        });
    }

    private static async Task<List<EventRecord>> Lines(string file)
    {
        await using var stream = File.OpenRead(file);
        var lines = new List<EventRecord>();
        await foreach (var line in EventLine.ReadAsync(stream)) lines.Add(line);
        return lines;
    }

    private static void Change(string file, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        change(json);
        File.WriteAllText(file, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}
