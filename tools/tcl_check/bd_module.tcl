# A Verilog module as a cell of a block design: interfaces from the names of its ports, as UG994
# says; the attribute X_INTERFACE_MODE = "monitor" makes one a watcher.
namespace eval catalog {
    variable axi {
        awaddr awprot awvalid awready wdata wstrb wvalid wready bresp bvalid bready
        araddr arprot arvalid arready rdata rresp rvalid rready
    }

    # -> descriptor, or nothing if no file defines the module
    proc module {name files} {
        foreach file $files {
            set channel [open $file]
            set text [read $channel]
            close $channel
            if {[regexp -indices "\\mmodule\\s+$name\\s*\\(" $text where]} {
                set begin [expr {[lindex $where 1] + 1}]
                set end [string first ");" $text $begin]
                return [from_header $name [string range $text $begin $end-1]]
            }
        }
        return {}
    }

    proc from_header {name header} {
        variable axi
        set pins {}
        set groups {}
        set monitors {}
        set port {\(\*[^*]*\*\)\s*|(input|output)\s+(?:wire\s+|reg\s+)?(?:\[(\d+):0\]\s+)?(\w+)}
        set watching 0
        foreach {whole direction high port_name} [regexp -all -inline $port $header] {
            if {$direction eq {}} {
                if {[regexp {X_INTERFACE_MODE = "monitor"} $whole]} { set watching 1 }
                continue
            }
            set direction [expr {$direction eq "input" ? "in" : "out"}]
            set signal [lindex [split $port_name _] end]
            set group [string range $port_name 0 end-[expr {[string length $signal] + 1}]]
            if {$signal in $axi && $group ne {}} {
                dict set groups $group $signal $direction
                if {$watching} { lappend monitors $group }
            } else {
                set kind [expr {[string match *clk $signal] ? "clock" :
                    [string match *resetn $signal] ? "reset" : "data"}]
                set width [expr {$high eq {} ? 1 : $high + 1}]
                dict set pins $port_name [list $direction $width $kind \
                    [expr {$direction eq "in" ? "yes" : "no"}]]
            }
            set watching 0
        }
        set interfaces {}
        set segments {}
        dict for {group signals} $groups {
            set mode [mode_of $group $signals [expr {$group in $monitors}]]
            set clock [clock_of $name $group $header $pins]
            dict set interfaces $group [list $mode $clock]
            if {$mode eq "slave"} { dict set segments $group/reg0 [list $group any any] }
        }
        return [dict create pins $pins interfaces $interfaces spaces {} segments $segments configs {}]
    }

    proc mode_of {group signals monitor} {
        variable axi
        foreach signal $axi {
            if {![dict exists $signals $signal] && ![string match *prot $signal]} {
                check::fail incomplete-interface "$group has no signal $signal"
            }
        }
        set outputs [lsearch -all -inline -exact [dict values $signals] out]
        if {$monitor} {
            if {[llength $outputs]} { check::fail bad-direction "$group watches, and has outputs" }
            return monitor
        }
        return [expr {[dict get $signals awready] eq "out" ? "slave" : "master"}]
    }

    # every interface needs a clock that names it
    proc clock_of {name group header pins} {
        foreach {- list clock} [regexp -all -inline \
                {ASSOCIATED_BUSIF ([\w:]+)[^*]*\*\)\s*(?:\(\*[^*]*\*\)\s*)*input\s+(?:wire\s+)?(\w+)} $header] {
            if {$group in [split $list :]} { return $clock }
        }
        check::fail no-clock "interface $group of module $name is in no ASSOCIATED_BUSIF of a clock"
    }
}
