# No path of a machine in a script: the tree must build wherever it lies.
namespace eval check {
    proc no_absolute_paths {script} {
        set channel [open $script]
        set number 0
        while {[gets $channel text] >= 0} {
            incr number
            if {[regexp {(^|[\s"'\{=])(~|/(home|opt|tools|usr|tmp|mnt|srv|proj|Users)|[A-Za-z]:[/\\])[/\w]} $text]} {
                close $channel
                puts stderr "tcl_check: [file tail $script]:$number: absolute-path: [string trim $text]"
                ::check::real_exit 1
            }
        }
        close $channel
    }
}
