// Bench of overlays/common/cycle_counter.v: a kernel's register port and interrupt are played, and
// the counter is read over AXI-Lite. Prints PASS, or FAIL with what was wrong; ends by itself.
`timescale 1ns / 1ps
module bench;
    reg aclk = 0, aresetn = 0, active = 0, done_interrupt = 0;
    reg [11:0] awaddr = 0, araddr = 0;
    reg awvalid = 0, wvalid = 0, bready = 0, arvalid = 0, rready = 0;
    reg [31:0] wdata = 0;
    wire awready, wready, bvalid, arready, rvalid;
    wire [1:0] bresp, rresp;
    wire [31:0] rdata;
    reg [15:0] kernel_awaddr = 0;
    reg kernel_awvalid = 0, kernel_awready = 0, kernel_wvalid = 0, kernel_wready = 0;
    reg [31:0] kernel_wdata = 0;
    reg [3:0] kernel_wstrb = 0;
    reg [31:0] value;
    integer failures = 0;

    cycle_counter dut (
        .aclk(aclk), .aresetn(aresetn), .active(active), .done_interrupt(done_interrupt),
        .s_axi_awaddr(awaddr), .s_axi_awvalid(awvalid), .s_axi_awready(awready),
        .s_axi_wdata(wdata), .s_axi_wstrb(4'hF), .s_axi_wvalid(wvalid), .s_axi_wready(wready),
        .s_axi_bresp(bresp), .s_axi_bvalid(bvalid), .s_axi_bready(bready),
        .s_axi_araddr(araddr), .s_axi_arvalid(arvalid), .s_axi_arready(arready),
        .s_axi_rdata(rdata), .s_axi_rresp(rresp), .s_axi_rvalid(rvalid), .s_axi_rready(rready),
        .kernel_awaddr(kernel_awaddr), .kernel_awvalid(kernel_awvalid),
        .kernel_awready(kernel_awready), .kernel_wdata(kernel_wdata), .kernel_wstrb(kernel_wstrb),
        .kernel_wvalid(kernel_wvalid), .kernel_wready(kernel_wready), .kernel_bresp(2'b00),
        .kernel_bvalid(1'b0), .kernel_bready(1'b0), .kernel_araddr(16'd0), .kernel_arvalid(1'b0),
        .kernel_arready(1'b0), .kernel_rdata(32'd0), .kernel_rresp(2'b00), .kernel_rvalid(1'b0),
        .kernel_rready(1'b0));

    always #5 aclk = !aclk;

    initial begin  // every wait is finite
        #200000 $display("FAIL the bench did not end");
        $finish;
    end

    task tick(input integer cycles);
        repeat (cycles) @(negedge aclk);
    endtask

    task read(input [11:0] address);
        begin
            araddr = address; arvalid = 1; #1;
            while (!arready) tick(1);
            tick(1); arvalid = 0;
            while (!rvalid) tick(1);
            value = rdata;
            if (rresp !== 2'b00) fail("a read is answered with an error");
            tick(2);  // the value waits for its reader
            if (rdata !== value) fail("the value changed while it waited");
            rready = 1; tick(1); rready = 0;
        end
    endtask

    task write(input [11:0] address, input [31:0] data);
        begin
            awaddr = address; awvalid = 1; tick(3);  // the address comes before the data
            wdata = data; wvalid = 1; #1;
            while (!wready) tick(1);
            tick(1); awvalid = 0; wvalid = 0;
            while (!bvalid) tick(1);
            if (bresp !== 2'b00) fail("a write is answered with an error");
            bready = 1; tick(1); bready = 0;
        end
    endtask

    // The address `lead` cycles before the data, as the register port of the kernel takes them.
    task kernel_write(input [15:0] address, input [31:0] data, input [3:0] strobe, input integer lead);
        begin
            kernel_awaddr = address; kernel_awvalid = 1; kernel_awready = 1;
            if (lead > 0) begin
                tick(1); kernel_awvalid = 0; kernel_awaddr = 16'hFFFF;
                tick(lead - 1);
            end
            kernel_wdata = data; kernel_wstrb = strobe; kernel_wvalid = 1; kernel_wready = 0;
            if (lead > 0) tick(2);  // not taken yet
            kernel_wready = 1; tick(1);
            kernel_awvalid = 0; kernel_wvalid = 0; kernel_wready = 0;
        end
    endtask

    task run(input integer cycles, input integer lead);
        begin
            done_interrupt = 0; tick(2);
            kernel_write(16'h0000, 32'h1, 4'hF, lead);
            tick(cycles - 1); done_interrupt = 1; tick(3);
        end
    endtask

    task fail(input [8*60-1:0] text);
        begin $display("FAIL %0s", text); failures = failures + 1; end
    endtask

    task expect(input [11:0] address, input [31:0] wanted, input [8*60-1:0] text);
        begin
            read(address);
            if (value !== wanted) begin
                $display("FAIL %0s: %h, not %h", text, value, wanted);
                failures = failures + 1;
            end
        end
    endtask

    initial begin
        tick(4); aresetn = 1; tick(2); active = 1; tick(2);
        expect(12'h0, 32'h4C435943, "id");
        expect(12'h4, 32'h0, "status after reset");
        expect(12'h10, 32'h0, "beyond the registers");

        run(100, 0);
        expect(12'h8, 100, "cycles, address with the data");
        expect(12'hC, 0, "upper half");
        expect(12'h4, 32'h00010002, "valid, one run");
        run(1, 0);
        expect(12'h8, 1, "the shortest run");
        run(37, 4);
        expect(12'h8, 37, "cycles, address before the data");
        expect(12'h4, 32'h00030002, "three runs");

        // what must not start it
        done_interrupt = 0; tick(1);
        kernel_write(16'h0010, 32'h1, 4'hF, 2);
        kernel_write(16'h0000, 32'h80, 4'hF, 2);
        kernel_write(16'h0000, 32'h1, 4'hE, 2);
        kernel_write(16'h0100, 32'h1, 4'hF, 0);
        expect(12'h4, 32'h00030002, "other writes start nothing");

        // an interrupt that was high before does not end a run
        done_interrupt = 1; tick(1);
        kernel_write(16'h0000, 32'h1, 4'hF, 0); tick(20);
        expect(12'h4, 32'h00030001, "an old interrupt does not end a run");
        done_interrupt = 0; tick(1); done_interrupt = 1; tick(2);
        expect(12'h4, 32'h00040002, "its next rise does");

        // the kernel's reset ends a run without a count; the last one stays readable
        done_interrupt = 0; tick(1);
        kernel_write(16'h0000, 32'h1, 4'hF, 0); tick(5);
        active = 0; tick(3); active = 1; tick(3);
        done_interrupt = 1; tick(2);
        expect(12'h4, 32'h00040000, "a reset run is not valid");
        run(64, 1);
        expect(12'h8, 64, "a run after the reset");

        write(12'h8, 32'hDEADBEEF);
        expect(12'h8, 64, "writes change nothing");

        // the carry into the upper half
        done_interrupt = 0; tick(1);
        kernel_write(16'h0000, 32'h1, 4'hF, 0);
        dut.count = 64'hFFFFFFFE;
        tick(9); done_interrupt = 1; tick(2);
        expect(12'h8, 32'h00000007, "lower half after the carry");
        expect(12'hC, 32'h00000001, "upper half after the carry");

        if (failures == 0) $display("PASS");
        $finish;
    end
endmodule
