// The regions of chain.cpp as hardware: the reference that the timing model is calibrated against.

module fifo #(parameter D = 2) (input clk, rst, we, re, output full, empty);
  integer n;
  assign full = n == D;
  assign empty = n == 0;
  always @(posedge clk)
    if (rst) n <= 0;
    else n <= n + (we ? 1 : 0) - (re ? 1 : 0);
endmodule

// A process with one pipelined loop of N iterations, called CALLS times.
// RD, WR: which of two inputs and outputs it uses; NO_RD: not in the first iteration of a call,
// NO_WR: not in the last one. STP: an empty input freezes the whole pipeline.
// GAP: cycles from the end of a call to the first iteration of the next one.
// CREDIT: a call starts only when `peer` has ended all but CREDIT - 1 of those started before.
module process #(parameter II = 1, DEPTH = 3, STP = 0, N = 1, CALLS = 1, GAP = 0, CREDIT = 1000,
                 RD = 0, WR = 0, NO_RD = 0, NO_WR = 0)
               (input clk, rst, input [1:0] empty, full, output [1:0] re, we,
                input [31:0] peer, output reg [31:0] ended, output done);
  reg [DEPTH-1:0] valid, last;
  reg active;
  integer count, phase, out, gap;
  reg [31:0] started;
  wire begins = !active && started < CALLS && started - peer < CREDIT;
  wire works = active && gap == 0 || begins && GAP <= 1;
  wire want = works && phase == 0 && count < N;
  wire [1:0] need = count == 0 ? RD & ~NO_RD : RD;
  wire starved = want && |(need & empty);
  wire [1:0] give = !valid[DEPTH-1] ? 0 : last[DEPTH-1] ? WR & ~NO_WR : WR;
  wire jam = |(give & full);
  wire freeze = jam || STP && starved;
  wire go = want && !starved && !jam;
  wire retires = valid[DEPTH-1] && !freeze;
  assign re = go ? need : 0;
  assign we = freeze ? 0 : give;
  assign done = ended == CALLS;
  always @(posedge clk)
    if (rst) begin
      valid <= 0; last <= 0; active <= 0;
      count <= 0; phase <= 0; out <= 0; gap <= 0; started <= 0; ended <= 0;
    end else begin
      if (begins) begin active <= 1; started <= started + 1; gap <= GAP > 1 ? GAP - 2 : 0; end
      else if (gap > 0) gap <= gap - 1;
      if (!freeze) begin
        valid <= {valid, go};
        last <= {last, count == N - 1};
        if (go) begin count <= count + 1; phase <= II - 1; end
        else if (phase > 0) phase <= phase - 1;
      end
      if (retires) out <= out + 1;
      if (retires && out == N - 1) begin
        ended <= ended + 1; active <= 0; count <= 0; out <= 0; phase <= 0;
      end
    end
endmodule

// REGION as the first argument of chain() in chain.cpp. Prints ID and the cycle of the end, or -1.
module chain #(parameter ID = 0, REGION = 0, N = 100, CALLS = 1, GAP = 0, CREDIT = 1000,
               II0 = 1, II1 = 1, II2 = 1, DEPTH0 = 3, DEPTH1 = 3, DEPTH2 = 3,
               STP0 = 0, STP1 = 0, STP2 = 0, DA = 2, DB = 2, DC = 2, LIMIT = 2000)
             (input clk, rst, output reg over);
  wire [1:0] fa, fb, fc;  // {full, empty}
  wire [1:0] re0, we0, re1, we1, re2, we2;
  wire d0, d1, d2;
  wire [31:0] e0, e1, e2;
  integer cycle;
  localparam FORK = REGION == 2, LOOP = REGION == 3, TWO = REGION == 0;
  wire [1:0] empty1 = {1'b1, fa[0]}, empty2 = TWO ? {1'b1, fa[0]} : {fc[0], fb[0]};
  wire [1:0] empty0 = {1'b1, fb[0]};
  process #(.II(II0), .DEPTH(DEPTH0), .STP(STP0), .N(N), .CALLS(CALLS), .GAP(GAP), .CREDIT(CREDIT),
            .RD(LOOP ? 1 : 0), .NO_RD(1), .WR(FORK ? 3 : 1))
    p0 (clk, rst, empty0, {fc[1], fa[1]}, re0, we0, TWO ? e2 : e1, e0, d0);
  process #(.II(II1), .DEPTH(DEPTH1), .STP(STP1), .N(N), .CALLS(TWO ? 0 : CALLS), .GAP(GAP),
            .CREDIT(CREDIT), .RD(1), .WR(1), .NO_WR(LOOP ? 1 : 0))
    p1 (clk, rst, empty1, {1'b0, fb[1]}, re1, we1, LOOP ? e1 : e2, e1, d1);
  process #(.II(II2), .DEPTH(DEPTH2), .STP(STP2), .N(N), .CALLS(LOOP ? 0 : CALLS), .GAP(GAP),
            .RD(FORK ? 3 : 1))
    p2 (clk, rst, empty2, 2'b0, re2, we2, 32'd0, e2, d2);
  fifo #(.D(DA)) a (clk, rst, we0[0], TWO ? re2[0] : re1[0], fa[1], fa[0]);
  fifo #(.D(DB)) b (clk, rst, we1[0], LOOP ? re0[0] : re2[0], fb[1], fb[0]);
  fifo #(.D(DC)) c (clk, rst, we0[1], re2[1], fc[1], fc[0]);
  always @(posedge clk)
    if (rst) begin cycle <= 0; over <= 0; end
    else begin
      cycle <= cycle + 1;
      if (!over && (d0 && d1 && d2 || cycle == LIMIT)) begin
        $display("%0d %0d", ID, cycle == LIMIT ? -1 : cycle);
        over <= 1;
      end
    end
endmodule
