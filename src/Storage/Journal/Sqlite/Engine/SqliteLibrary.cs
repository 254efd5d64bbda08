using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ArtifactStore.Storage.Journal.Sqlite.Engine;

/// <summary>
/// Loads the engine once per process: the system's library when it is newer than the bundled one (3.35.5), because later versions fixed
/// bugs of the write-ahead log; the bundled one everywhere else.
/// </summary>
internal static unsafe class SqliteLibrary
{
    private const int BundledVersion = 3_035_005;
    private const string SystemLibrary = "libsqlite3.so.0";

    private static readonly Lazy<bool> Loaded = new(Load);

    public static void EnsureLoaded() => _ = Loaded.Value;

    private static bool Load()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        raw.sqlite3_initialize();
        return true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "e_sqlite3" || !NativeLibrary.TryLoad(SystemLibrary, out var library)) return 0;
        if (NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var export)
            && ((delegate* unmanaged[Cdecl]<int>)export)() > BundledVersion)
            return library;
        NativeLibrary.Free(library);
        return 0;
    }
}
