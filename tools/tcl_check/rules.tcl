# Everything that the check refuses. A script that breaks each one lies in tests/hls/tcl.
namespace eval check {
    variable rules {
        bad-command-line     {the tool takes no such command line, or would wait for somebody}
        absolute-path        {a path of some machine in a script}
        tcl-error            {plain Tcl failed: no such variable, a malformed list}
        unknown-command      {no such command in this tool and version}
        unknown-option       {no such option of the command}
        wrong-generation     {an option of another version}
        no-value             {an option or argument that must be there}
        bad-value            {a number, choice, part or name of the wrong form}
        argument-count       {too many or too few arguments}
        missing-file         {a file or folder that is not there}
        order                {something before what it needs}
        no-work              {a script that ends without having done anything}
        no-test-bench        {simulation without a test bench}
        no-top               {a top that nothing defines}
        no-vlnv              {an export without vendor, library, name or version}
        no-board             {a board part that is not installed}
        no-object            {a property of nothing}
        bad-object           {a property of an object that has none such}
        unknown-property     {no such property}
        unknown-run          {no such run}
        endless-wait         {a wait without a time limit}
        unknown-config       {an IP has no such parameter}
        unknown-ip           {an IP that is not in the catalogue}
        unknown-module       {a module that no added file defines}
        unknown-rule         {no such automation}
        unknown-cell         {no such cell}
        unknown-pin          {a cell has no such pin, as it is configured}
        unknown-interface    {a cell has no such interface, as it is configured}
        unknown-space        {no such address space}
        unknown-segment      {no such segment}
        unknown-net          {no such interface net}
        duplicate-cell       {a second cell of one name}
        duplicate-net        {a second interface net of one name}
        incomplete-interface {a module's interface lacks a signal}
        no-clock             {a module's interface names no clock}
        bad-direction        {master to master, slave to slave, a watcher that drives}
        open-net             {a net of one pin}
        two-drivers          {two outputs on one net}
        no-driver            {only inputs on a net}
        width                {pins of different widths on one net}
        kind                 {a clock or reset pin on a net that is none}
        two-connections      {an interface connected twice}
        open-pin             {a pin that must be connected and is not}
        lost-pin             {a connected pin that a later configuration takes away}
        open-interface       {an interface that is not connected}
        two-clocks           {the ends of an interface net have different clocks}
        bad-range            {a range that is no power of two of 4 KiB or more}
        alignment            {an offset that is no multiple of its range}
        outside-window       {an address that the processor's port does not reach}
        overlap              {two segments at one address}
        unreachable          {a segment that the address space has no way to}
        no-address           {a segment that is neither assigned nor excluded}
    }
}
